/** Loads graphql-js as in production, whatever NODE_ENV says: its check against a second copy of
 *  itself runs several times for every field of every answer, and took a third of the time of a
 *  list with explanations. Import it before anything that imports graphql. */
const stated = process.env.NODE_ENV;
process.env.NODE_ENV = 'production';
require('graphql');
if (stated === undefined) delete process.env.NODE_ENV;
else process.env.NODE_ENV = stated;

export {};
