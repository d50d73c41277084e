/* What a page keeps for as long as its tab is open. */

/**
 * Keep a value in the storage of the session; null forgets it.
 * @param {string} name @param {unknown} value
 */
export function store(name, value) {
  try {
    if (value !== null) return sessionStorage.setItem(name, JSON.stringify(value));
  } catch (error) {
    // The storage is full: the value lasts as long as this page, and an older one would be wrong.
    if (error.name !== "QuotaExceededError") throw error;
  }
  sessionStorage.removeItem(name);
}
