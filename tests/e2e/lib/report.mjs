// Margin reports, from the runtime's own API, as text.

import { instrumentName } from './chain.mjs';
import { exact, rounded, table, usd } from './format.mjs';
import { plain } from './plain.mjs';

/** @typedef {import('@polkadot/api').ApiPromise} ApiPromise */

/** @param {any} result */
function unwrap(result) {
	const answer = plain(result);
	if (answer.Ok) return answer.Ok;
	const error = answer.Err;
	throw new Error(`no report: ${typeof error === 'string' ? error : JSON.stringify(error, (_, value) => (typeof value === 'bigint' ? value.toString() : value))}`);
}

/**
 * An account's report: everything that is known of its risk.
 * @param {ApiPromise} api
 * @param {string} owner
 * @param {number} [number]
 */
export async function report(api, owner, number = 0) {
	return unwrap(await api.call.marginApi.accountReport({ owner, number }));
}

/**
 * The report that an account would have after some changes.
 * @param {ApiPromise} api
 * @param {string} owner
 * @param {any[]} changes `{ Deposit: { asset, amount } }`, `{ Withdraw: … }`, `{ Trade: { instrument, size, price } }`,
 *   `{ Order: { instrument, size, price } }`
 */
export async function simulate(api, owner, changes, number = 0) {
	return unwrap(await api.call.marginApi.simulate({ owner, number }, changes));
}

/** @param {any} instrument @param {bigint} size @param {bigint | null} [price] null: at mark */
export function trade(instrument, size, price = null) {
	return { Trade: { instrument, size, price } };
}

/** @param {bigint} amount settlement units */
export function depositCash(amount) {
	return { Deposit: { asset: 'Cash', amount } };
}

/** A report as lines to print. @param {string} title @param {any} full */
export function describe(title, full) {
	const { margin, isolated, legs, underlyings } = full.risk;
	const lines = [
		title,
		table(['leg', 'size', 'mark', 'value', 'IM alone', 'IM within', 'delta USD'], legs.map((/** @type {any} */ leg) => [
			instrumentName(leg.instrument), exact(leg.size), usd(leg.mark), usd(leg.value), usd(leg.isolated.initial),
			usd(leg.contribution.initial), usd(leg.greeks.delta),
		])),
		'',
		table(['USD', 'net', 'isolated'], [
			['equity', usd(margin.equity), ''],
			['initial margin', usd(margin.initial), usd(isolated.initial)],
			['maintenance margin', usd(margin.maintenance), usd(isolated.maintenance)],
		]),
	];
	if (margin.initial > 0n) {
		const ratio = (isolated.initial * 100n) / margin.initial;
		lines.push(`  the legs alone would need ${rounded(ratio, 2, 2)} times the initial margin`);
	}
	for (const one of underlyings) {
		const { Scenario: scenario, Payoff: payoff } = one.worst ?? {};
		if (scenario) {
			const move = rounded(scenario.priceMove * 100n, 1);
			lines.push(`  worst scenario: price ${move} %, volatility ${String(scenario.volatility).toLowerCase()}, loss ${usd(one.scan)} USD`);
		} else if (payoff) {
			const of = payoff.expiry == null ? 'what has expired' : `expiry ${new Date(Number(payoff.expiry)).toISOString()}`;
			lines.push(`  worst: payoff of ${of} at price ${usd(payoff.price)}, loss ${usd(one.scan)} USD`);
		} else if (one.worst) {
			lines.push(`  worst: basis shock, loss ${usd(one.scan)} USD`);
		}
		if (one.liquidationBelow != null) lines.push(`  reaches its maintenance margin at ${usd(one.liquidationBelow)} below`);
		if (one.liquidationAbove != null) lines.push(`  reaches its maintenance margin at ${usd(one.liquidationAbove)} above`);
	}
	return lines.join('\n');
}
