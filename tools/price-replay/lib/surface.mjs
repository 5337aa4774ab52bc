// Volatility: an estimate from bars, and from it surfaces without arbitrage.

const YEAR = 365 * 24 * 3_600_000;

/** Bounds of the volatility that surfaces start from, fractions per square root of a year. */
export const VOLATILITY_BOUNDS = { low: 0.3, high: 2.0 };
/** The volatility that long tenors tend to, and how fast they do, per year. */
const LONG_RUN = 0.6;
const REVERSION = 12;
/** Shape of every slice: skew and curvature. SKEW < 0 makes puts dearer. */
const SKEW = -0.3;
const CURVATURE = 1.0;

/**
 * Realised volatility of the closes, per square root of a year, within `VOLATILITY_BOUNDS`.
 * @param {import('./bars.mjs').Bar[]} bars at least two; otherwise the long-run level
 * @param {number} interval ms between bars
 */
export function realisedVolatility(bars, interval) {
	if (bars.length < 3) return LONG_RUN;
	let sum = 0;
	for (let i = 1; i < bars.length; i += 1) {
		sum += Math.log(bars[i].close / bars[i - 1].close) ** 2;
	}
	const variance = (sum / (bars.length - 1)) * (YEAR / interval);
	return Math.min(VOLATILITY_BOUNDS.high, Math.max(VOLATILITY_BOUNDS.low, Math.sqrt(variance)));
}

/**
 * Total variance at the money. Its slope in time is an exponential average of today's and the
 * long-run variance, both positive: it rises with tenor, so there is no calendar arbitrage there.
 * @param {number} volatility today's
 * @param {number} years
 */
export function totalVariance(volatility, years) {
	const long = LONG_RUN ** 2;
	return long * years + (volatility ** 2 - long) * ((1 - Math.exp(-REVERSION * years)) / REVERSION);
}

/**
 * A raw SVI slice from the surface of Gatheral and Jacquier ("Arbitrage-free SVI volatility
 * surfaces", 2014) with phi(theta) = eta / sqrt(theta · (1 + theta)), which is free of butterfly and
 * calendar arbitrage where eta·(1 + |rho|) <= 2; here 1.3.
 * @param {number} volatility today's, fraction per square root of a year
 * @param {number} years to expiry, above zero
 */
export function slice(volatility, years) {
	const theta = totalVariance(volatility, years);
	const phi = CURVATURE / Math.sqrt(theta * (1 + theta));
	return {
		a: (theta / 2) * (1 - SKEW ** 2),
		b: (theta * phi) / 2,
		rho: SKEW,
		m: -SKEW / phi,
		sigma: Math.sqrt(1 - SKEW ** 2) / phi,
	};
}

/**
 * Total implied variance of a raw slice.
 * @param {{ a: number, b: number, rho: number, m: number, sigma: number }} svi
 * @param {number} k log-moneyness, ln(strike / forward)
 */
export function variance(svi, k) {
	const x = k - svi.m;
	return svi.a + svi.b * (svi.rho * x + Math.sqrt(x * x + svi.sigma * svi.sigma));
}

/** @param {number} from @param {number} to both in ms */
export function yearsBetween(from, to) {
	return (to - from) / YEAR;
}
