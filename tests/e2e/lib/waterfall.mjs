// The waterfall's events, as sentences.

import { cash, exact, rounded, usd } from './format.mjs';
import { instrumentName } from './chain.mjs';

/** @typedef {{ section: string, method: string, data: Record<string, any> }} ChainEvent */

/** @param {any} account @param {(address: string) => string} name */
const nameOf = (account, name) => `${name(account.owner)}${account.number > 0n ? `/${account.number}` : ''}`;
/** @param {bigint} parts per million */
const percent = (parts) => `${rounded(parts, 2, 4)} %`;

/** @type {Record<string, (data: any, name: (account: any) => string) => string>} */
const SENTENCES = {
	Entered: (e, n) => `${n(e.account)} is below its maintenance margin at favourable prices: equity ${usd(e.equity)}, margin ${usd(e.maintenanceMargin)}`,
	Displaced: (e, n) => `${n(e.account)} lost its place in the queue to a worse account`,
	Stalled: (e, n) => `${n(e.account)} waits: ${e.reason}`,
	Resumed: (e, n) => `${n(e.account)} is dealt with again`,
	SliceTaken: (e, n) => `${n(e.provider)} takes ${rounded(e.share * 100n, 2)} % of ${n(e.account)} for ${cash(e.price)} USDC, at a discount of ${percent(e.discount)} of its margin`,
	FeeCharged: (e, n) => `${n(e.account)} pays ${cash(e.fee)} USDC to the insurance fund`,
	DeleveragingStarted: (e, n) => `${n(e.account)} found no provider in ${e.healthyBlocks} blocks: its positions are closed at mark`,
	Deleveraged: (e, n) => `${n(e.account)} trades ${exact(e.size)} ${instrumentName(e.instrument)} with ${n(e.counterparty)} at mark`,
	HedgeBroken: (e, n) => `${n(e.account)} trades ${exact(e.size)} ${instrumentName(e.instrument)} with ${n(e.counterparty)} at mark, breaking a hedge`,
	Restored: (e, n) => `${n(e.account)} is restored: equity ${usd(e.equity)}, margin ${usd(e.maintenanceMargin)}`,
	Closed: (e, n) => `${n(e.account)} is closed: the fund paid ${cash(e.paidByFund)}, all shared ${cash(e.shared)} USDC`,
	Gone: (e, n) => `${n(e.account)} is gone`,
	ProviderDropped: (e, n) => `${n(e.provider)} is no provider any more`,
};

/** Events that say what was done to an account, whoever gave occasion for it. */
const ACTS_ON = ['account', 'counterparty'];

/** @param {ChainEvent} event @param {(address: string) => string} name */
export function sentence(event, name) {
	const tell = SENTENCES[event.method];
	return tell ? tell(event.data, (account) => nameOf(account, name)) : event.method;
}

/** Whether the waterfall touched an account, as the failing one or as a counterparty. @param {ChainEvent} event @param {string} address */
export function touches(event, address) {
	return event.section === 'liquidation' && ACTS_ON.some((field) => event.data[field]?.owner === address);
}
