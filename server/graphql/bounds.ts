/** How much a client may send in one argument or input field. server/http/inputs.ts refuses more, before anything is looked up. */

/** Items of a list, or characters of a text. */
export const atMost = (most: number) => ({ extensions: { most } });

/** Keys of an order: each sorts what the one before it left equal. */
export const mostOrderKeys = 10;

/** Names of series, tags and the like in one argument. */
export const mostNames = 100;
