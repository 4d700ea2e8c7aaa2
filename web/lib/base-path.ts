/** The path that stands before everything where the server is a part of a site, as /riftlab; empty elsewhere. Built in. */
export const basePath = process.env.RIFTLAB_BASE_PATH ?? '';
