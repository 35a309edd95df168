/** What a result on recorded orders says wherever it is shown. */
export const noReaction = 'Recorded orders do not react to yours'
