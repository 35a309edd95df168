/** Asks from elsewhere that what is open be shared: each raises the count. */
export const sharing = $state({ asked: 0 })
