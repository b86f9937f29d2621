/** A packed sum is the whole gradients times this plus the number of rows. */
export const COUNT_SPACE = 1_048_576;
