/** The protocols that experiments are measured under. One protocol = one file; add it here and the schema knows it. */
import { fullLastItem } from './full-last-item';
import type { Protocol, ProtocolName } from './protocol';
import { sampledLastItem } from './sampled-last-item';

export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  SAMPLED_LAST_ITEM: sampledLastItem,
  FULL_LAST_ITEM: fullLastItem,
};
