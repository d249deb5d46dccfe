'use strict';
// The public functions that have no scenario, and why. test/unit/injection-scenarios.test.ts asks for one or the other.
module.exports = [
  [
    /^(set|clear)Impairment$/,
    'the kernel of the tests has no netem; its steps are those of addQdisc, setQdisc and removeQdisc',
  ],
  [/^u32Keys$/, 'it makes a part of a filter, and no system call'],
  [/^nft\.(add|delete|flush|replace)[A-Z]\w*$/, 'it makes an operation for nft.apply, and no system call'],
  [
    /^nft\.(match|not|vmap|accept|clampMss|counter|drop|goto|jump|limit|log|mangle|notrack|quota|raw|reject|trace|updateSet|useObject|verdict|dnat|masquerade|redirect|snat)$/,
    'it makes a part of a rule, and no system call',
  ],
  [/^nft\.Selector\.\w+$/, 'it makes a part of a rule, and no system call'],
  [/^(nft\.formatRule|formatTrace|Netns\.toString|getStats|Capture\.counts)$/, 'it makes no system call'],
  [
    /^((add|remove|set)BridgeVlan|(setBridgeVlan|listBridgeVlan)Globals?|(set|list)BridgeMst)$/,
    'many kernels refuse it in any case: VLAN filtering is an option of the build',
  ],
  [/^(add|get|remove)MplsRoute$/, 'kernels without the module mpls_router refuse it in any case'],
  [/^((add|remove)Vni|getMdb|flushMdb)$/, 'kernels before 5.18 and 6.8 refuse it in any case'],
  [
    /^(listNetns|getNamespaceIds|readLab)$/,
    'its system calls are those of node: its errors are in the tests of the function',
  ],
  [/^(Netns|Capture|AddressPool|NetnsPool|BridgeNetwork|NetworkDns)\.close$/, 'closing does not fail'],
  [
    /^NetnsPool\.(acquire|filled|release)$/,
    'their system calls are those of createNetns, attachNetns and deleteNetns, and what fails in the background is no error of theirs',
  ],
  [/^EgressGrant\.revoke$/, 'it is BridgeNetwork.deny'],
  [/^EventIterator\.(next|return)$/, 'a watch is what fails, and ending it does not'],
  [/^TunQueue\.(close|read|release|write)$/, 'the scenario of openTun reads, writes and closes'],
  [/^Capture\.(next|return|toPcap)$/, 'the scenario of capture reads packets; the file is written by node'],
  [
    /^(Lab\.(node|addrs?|process|close)|LabPlan\.toString|LabProcess\.kill|LabRecord\.add)$/,
    'it makes no system call that fails',
  ],
  [/^(star|line|mesh|tree|leafSpine)$/, 'it makes a definition, and no system call'],
  [/^Lab\.(pause|kill)$/, 'their system calls are those of node and of netnsPids'],
  [/^Lab\.(flap|scenario)$/, 'what they do is what Lab.cut and the other methods do'],
  [/^(serveLab|LabView\.close)$/, 'the server is of node, and it looks at the lab as draw does'],
  [/^LabFault\.undo$/, 'the scenarios of the methods that make one undo it'],
  [/^(openSubnetPool$|SubnetPool\.)/, 'the pool is that of addresses, with other numbers in it'],
  [
    /^(get|set)(Channels|Coalesce|Rings|Pause)$/,
    'few devices have any, and the requests go the way of getFeatures',
  ],
  [
    /^(get|set)Wireguard$/,
    'the kernel of the tests has no WireGuard, and the requests go the way of getFeatures',
  ],
  [
    /^(generateWireguardKeys|wireguardPublicKey)$/,
    'it computes keys, and its system calls are those of node',
  ],
  [/^httpsAgent$/, "it is httpAgent, with node's TLS over the connection"],
];
