/** Settings for tests and their processes, which ask more often than people do. */
export const withoutRates = { MAX_REQUESTS_PER_MINUTE: '0', MAX_ADDRESS_REQUESTS_PER_MINUTE: '0' };
