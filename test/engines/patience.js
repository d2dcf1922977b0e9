/** A commit on several nodes, all of them on one machine, takes as long as a dozen on one. */
jest.setTimeout(600_000);
