/**
 * Imported first by every program: graphql and others leave out checks that are for their developers when they load
 * in production, and nobody who runs a service should have to know.
 */
process.env.NODE_ENV ??= 'production';

export {};
