/** To be raised whenever compiled pipelines of an older engine must not be used. */
export const COMPILED_FORMAT = 14;
