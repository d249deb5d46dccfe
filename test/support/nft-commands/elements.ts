import { nft } from '../../../lib';
import { counted, counters, netports, nets, ports, ports6, recent, verdicts } from './references';

export const ELEMENTS: Readonly<Record<string, nft.Operation>> = {
  'add element inet t ports { 10.0.0.1 . tcp . 80 comment "x" : 10.1.0.2 . 8080 }': nft.addElements(ports, [
    { key: ['10.0.0.1', 'tcp', 80], value: ['10.1.0.2', 8080], comment: 'x' },
  ]),
  'add element inet t ports { 10.0.0.1 . udp . 53 : 10.1.0.3 . 53, 10.0.0.1 . sctp . 9 : 10.1.0.3 . 9 }':
    nft.addElements(ports, [
      { key: ['10.0.0.1', 'udp', 53], value: ['10.1.0.3', 53] },
      { key: ['10.0.0.1', 'sctp', 9], value: ['10.1.0.3', 9] },
    ]),
  'add element inet t ports6 { fd00::1 . tcp . 80 : fd01::2 . 8080 }': nft.addElements(ports6, [
    { key: ['fd00::1', 'tcp', 80], value: ['fd01::2', 8080] },
  ]),
  'add element inet t verdicts { "br0" : jump other, "br1" : drop, "br2" : return }': nft.addElements(
    verdicts,
    [
      { key: 'br0', value: { jump: 'other' } },
      { key: 'br1', value: 'drop' },
      { key: 'br2', value: 'return' },
    ],
  ),
  'add element inet t nets { 10.0.0.0/8, 192.168.1.5-192.168.1.9 }': nft.addElements(nets, [
    { key: '10.0.0.0/8' },
    { key: { from: '192.168.1.5', to: '192.168.1.9' } },
  ]),
  'add element inet t netports { 10.0.0.0/8 . 80-90 }': nft.addElements(netports, [
    { key: ['10.0.0.0/8', { from: 80, to: 90 }] },
  ]),
  'add element inet t counted { fd00::1 }': nft.addElements(counted, [{ key: 'fd00::1' }]),
  'add element inet t recent { 10.0.0.1 timeout 30s }': nft.addElements(recent, [
    { key: '10.0.0.1', timeout: 30_000 },
  ]),
  'add element inet t counters { 80 : "hits" }': nft.addElements(counters, [{ key: 80, value: 'hits' }]),
  'delete element inet t nets { 10.0.0.0/8 }': nft.deleteElements(nets, ['10.0.0.0/8']),
  'delete element inet t ports { 10.0.0.1 . udp . 53 }': nft.deleteElements(ports, [['10.0.0.1', 'udp', 53]]),
};
