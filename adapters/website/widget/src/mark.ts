/** The mark: one thread that opens into a V of five geese, drawn as a line in a square of 24. mark.svg is the same. */
export const MARK =
  'M2 20.5c3.5 1.5 5-2 2-5.5a1.6 1.6 0 1 1 .01 0L8 10a1.6 1.6 0 1 1 .01 0L12 5a1.6 1.6 0 1 1 .01 0L16 10a1.6 1.6 0 1 1 .01 0L20 15a1.6 1.6 0 1 1 .01 0';
