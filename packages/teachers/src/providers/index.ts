export { hasBatches } from './known-providers.ts';
export { knownPrices, priceOf } from './prices.ts';
