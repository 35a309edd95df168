/** A call that cannot be carried out; its lines are for the person who typed it. */
export class UsageError extends Error {}
