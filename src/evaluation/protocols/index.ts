/** The protocols that experiments are measured under. One protocol = one file; add it here and the
 *  schema knows it. */
import type { PreparedSplit, SplitScheme } from '../../interactions/splits';
import { coldItems } from './cold-items';
import { fullHoldout } from './full-holdout';
import { fullLastItem } from './full-last-item';
import { newUsers } from './new-users';
import {
  type AnyProtocolName,
  PROTOCOL_NAMES,
  type Protocol,
  type ProtocolName,
  TAG_PROTOCOL,
} from './protocol';
import { sampledLastItem } from './sampled-last-item';
import { timeSplit } from './time-split';

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  SAMPLED_LAST_ITEM: sampledLastItem,
  FULL_LAST_ITEM: fullLastItem,
  FULL_HOLDOUT: fullHoldout,
  NEW_USERS: newUsers,
  COLD_ITEMS: coldItems,
  TIME_SPLIT: timeSplit,
};

/** @returns the split to prepare for a protocol: `prepareSplit(data, { scheme: schemeOf(name)
 *  })` */
export function schemeOf(name: ProtocolName): SplitScheme {
  return PROTOCOLS[name].schemes[0];
}

/** @returns what can be measured on a split: both last-item protocols on LEAVE_LAST_OUT, one on
 *    each other */
export function protocolsOf({ scheme }: Pick<PreparedSplit, 'scheme'>): ProtocolName[] {
  return PROTOCOL_NAMES.filter((name) => PROTOCOLS[name].schemes.includes(scheme));
}

/** @returns the protocol without sampling, by which early stopping and publication decide on a
 *    split */
export function decidingProtocol(split: Pick<PreparedSplit, 'scheme'>): ProtocolName {
  return protocolsOf(split).find((name) => name !== 'SAMPLED_LAST_ITEM')!;
}

/** @returns the protocol by which decisions are made about what was trained for the given one: the
 *    same held-out data, without sampling */
export function decidingProtocolOf(name: AnyProtocolName): AnyProtocolName {
  return name === TAG_PROTOCOL ? name : decidingProtocol({ scheme: schemeOf(name) });
}
