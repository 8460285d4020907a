/** The mark: one thread that opens into a V of five geese, drawn in a square of 24. */
export const MARK = 'M2 21c4 .5 5-3 3.200-5.500Q6 12 8 13.500';
