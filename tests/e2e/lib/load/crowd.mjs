// Many accounts: their keys, their money, and at most one transaction of each on its way.

import { plain } from '../plain.mjs';
import { subAccount } from '../quote.mjs';
import { submitRaw } from '../tx.mjs';
import { sleep, until } from '../wait.mjs';

/** @typedef {import('../scene.mjs').Scene} Scene */

/** Who endows everybody: all of them have the same at genesis. */
const FUNDERS = ['//Alice', '//Bob', '//Charlie', '//Dave', '//Eve', '//Ferdie'];
/** Native units for fees and deposits: 500 tokens of 12 decimals. */
const NATIVE = 500n * 10n ** 12n;
/** Signing and sending hold up everything else here: after so many, what has come in is looked at. */
const BREATH = 16;
/** After how many blocks a transaction that was in none is offered again. */
const PATIENCE = 20;

/** One account. */
export class Member {
	/** @param {import('@polkadot/keyring/types').KeyringPair} pair */
	constructor(pair) {
		this.pair = pair;
		this.address = pair.address;
		this.account = subAccount(pair.address);
		this.nonce = 0;
		/** @type {{ bytes: string, block: number } | undefined} what was offered and is in no block yet */
		this.waiting = undefined;
	}
}

/** All of them, and the way to the chain. */
export class Crowd {
	/** @param {Scene} scene @param {string} name @param {number} count */
	constructor(scene, name, count) {
		this.scene = scene;
		this.members = Array.from({ length: count }, (_, number) => new Member(scene.key(`//${name}//${number}`)));
		/** @type {Map<string, Member>} */
		this.byAddress = new Map(this.members.map((member) => [member.address, member]));
		this.offered = 0;
		this.again = 0;
	}

	/**
	 * Endows everybody and has everybody deposit: in as few blocks as take the transactions.
	 * @param {(member: Member) => bigint} units settlement units of each
	 */
	async settle(units) {
		const { api } = this.scene;
		const asset = /** @type {any} */ (api.consts.markets.settlementAsset);
		const funders = await Promise.all(FUNDERS.map(async (name) => {
			const funder = new Member(this.scene.key(name));
			funder.nonce = (await api.rpc.system.accountNextIndex(funder.address)).toNumber();
			return funder;
		}));
		await this.#all(this.members.flatMap((member, number) => [
			api.tx.balances.transferKeepAlive(member.address, NATIVE),
			api.tx.assets.transfer(asset, member.address, units(member)),
		].map((call) => ({ sender: funders[number % funders.length], call }))));
		await this.#all(this.members.map((sender) => ({ sender, call: api.tx.margin.deposit(0, 'Cash', units(sender)) })));
	}

	/**
	 * Signs everything, then offers it, and waits until all is in blocks. What the pool drops of so much is
	 * offered again once nothing moves any more.
	 * @param {{ sender: Member, call: any }[]} calls
	 */
	async #all(calls) {
		const { api } = this.scene;
		/** @type {{ sender: Member, nonce: number, bytes: string }[]} */
		let left = [];
		for (const { sender, call } of calls) {
			left.push({ sender, nonce: sender.nonce, bytes: await this.#sign(sender, call) });
			sender.nonce += 1;
			if (left.length % BREATH === 0) await sleep(0);
		}
		const senders = [...new Set(calls.map(({ sender }) => sender))];
		let before = left.length;
		await until(async () => {
			const accounts = await api.query.system.account.multi(senders.map(({ address }) => address));
			const nonces = new Map(senders.map((sender, at) => [sender, Number(plain(accounts[at]).nonce)]));
			left = left.filter(({ sender, nonce }) => nonce >= (nonces.get(sender) ?? 0));
			if (left.length === before) await Promise.allSettled(left.map(({ bytes }) => submitRaw(api, bytes)));
			before = left.length;
			return before === 0;
		}, { what: 'the crowd to be ready', ms: 120_000 + 60 * this.scene.blockTime, every: 2 * this.scene.blockTime, log: this.scene.log });
	}

	/** Signed for ever: what is signed needs no block. @param {Member} member @param {any} call */
	async #sign(member, call) {
		return (await call.signAsync(member.pair, { nonce: member.nonce, era: 0 })).toHex();
	}

	/**
	 * Signs and offers a call of a member that has nothing on its way.
	 * @param {Member} member
	 * @param {any} call
	 * @param {number} block the last one seen
	 * @param {(reason: string) => void} refused told where the pool does not take it
	 */
	async offer(member, call, block, refused) {
		const bytes = await this.#sign(member, call);
		member.waiting = { bytes, block };
		this.offered += 1;
		this.#submit(member, bytes, refused);
		if (this.offered % BREATH === 0) await sleep(0);
	}

	/** @param {Member} member @param {string} bytes @param {(reason: string) => void} refused */
	#submit(member, bytes, refused) {
		submitRaw(this.scene.api, bytes).catch((/** @type {Error} */ error) => {
			// What is known already was offered again; it is still on its way, or, where it is outdated, in a
			// block that is still to be looked at.
			if (/[Aa]lready [Ii]mported|outdated|temporarily banned/.test(error.message)) return;
			refused(error.message.replace(/^\d+: /, '').slice(0, 60));
			if (member.waiting?.bytes === bytes) member.waiting = undefined;
		});
	}

	/**
	 * Offers anew what has been in no block for long.
	 * @param {number} block the last one seen
	 * @param {(reason: string) => void} refused
	 * @param {number} [patience] blocks
	 */
	remind(block, refused, patience = PATIENCE) {
		for (const member of this.members) {
			const { waiting } = member;
			if (!waiting || block - waiting.block < patience) continue;
			waiting.block = block;
			this.again += 1;
			this.#submit(member, waiting.bytes, refused);
		}
	}

	/** A transaction of this address is in a block. @param {string} address */
	included(address) {
		const member = this.byAddress.get(address);
		if (!member) return undefined;
		member.nonce += 1;
		member.waiting = undefined;
		return member;
	}

	get onTheWay() {
		return this.members.filter(({ waiting }) => waiting).length;
	}
}
