/**
 * Imported first by every program: graphql and others leave out checks that are for their developers when they load
 * in production, and nobody who runs a service should have to know.
 */
process.env.NODE_ENV ??= 'production';

/**
 * Whatever the umask was: files and folders are made for their owner alone, and for him whole. Each asks for that itself,
 * too (see storage/privateFiles.ts); this is for what libraries make.
 */
process.umask(0o077);

export {};
