export {
  addAddr,
  flushAddrs,
  listAddrs,
  type ListAddrsOptions,
  removeAddr,
  type RemoveAddrOptions,
} from './addresses/addresses';
export type { AddAddrOptions } from './addresses/addr-request';
export type { AddrFilter } from './addresses/addr-filter';
export type { Addr, AddrFlag, AddrProtocol, Scope } from './addresses/addr-view';
export { createBridge, type CreateBridgeOptions, type CreatedBridge, setBridge } from './links/bridge';
export {
  type BridgePort,
  type BridgePortSettings,
  listBridgePorts,
  setBridgePort,
} from './links/bridge-port';
export {
  addFdb,
  type AddFdbOptions,
  getFdb,
  type GetFdbOptions,
  listFdb,
  type ListFdbOptions,
  removeFdb,
  type RemoveFdbOptions,
} from './bridge/fdb';
export { flushFdb, type FlushFdbOptions } from './bridge/flush-fdb';
export type { FdbEntry, FdbState, FdbTable } from './bridge/fdb-view';
export type { FdbSelector } from './bridge/fdb-request';
export {
  addBridgeVlan,
  type AddBridgeVlanOptions,
  listBridgeVlans,
  type ListBridgeVlansOptions,
  removeBridgeVlan,
  type RemoveBridgeVlanOptions,
} from './bridge/vlans';
export {
  type BridgeMstState,
  listBridgeMst,
  type ListBridgeMstOptions,
  setBridgeMst,
  type SetBridgeMstOptions,
} from './bridge/mst';
export {
  addVni,
  type AddVniOptions,
  listVnis,
  type ListVnisOptions,
  removeVni,
  type RemoveVniOptions,
  type Vni,
  type VniRange,
  type VniStatistics,
} from './bridge/vnis';
export type { VlanRange } from './bridge/vlan-range';
export type { BridgeVlan, BridgeVlanSettings, BridgeVlanStatistics } from './bridge/vlan-view';
export { setBridgeVlan } from './bridge/vlan-settings';
export {
  type BridgeVlanGlobal,
  type BridgeVlanGlobalSettings,
  listBridgeVlanGlobals,
  type ListBridgeVlanGlobalsOptions,
  setBridgeVlanGlobal,
} from './bridge/vlan-globals';
export {
  addMdb,
  type AddMdbOptions,
  listMdb,
  type ListMdbOptions,
  listMulticastRouters,
  removeMdb,
  type RemoveMdbOptions,
} from './bridge/mdb';
export { flushMdb, type FlushMdbOptions, getMdb, type GetMdbOptions } from './bridge/mdb-select';
export type { MdbEntry, MdbSource, MulticastRouter } from './bridge/mdb-view';
export type { Family } from './common/check';
export {
  type ConntrackEntry,
  type ConntrackFilter,
  deleteConntrack,
  listConntrack,
} from './netfilter/conntrack';
export type {
  ConntrackProtocol,
  ConntrackStatus,
  ConntrackTuple,
  ConntrackTupleFilter,
} from './netfilter/conntrack-view';
export { connect, type ConnectOptions } from './sockets/connect';
export {
  connector,
  type ConnectorCallback,
  type ConnectorOptions,
  type ConnectorTarget,
} from './sockets/connector';
export { createSocket, type DatagramOptions, type DatagramType, type Membership } from './sockets/datagrams';
export type { Device } from './netns/device';
export { doctor, type DoctorOptions, type Finding, FINDING_CODES, type FindingCode } from './doctor';
export { NetnsError } from './netns/netns-error';
export { type ChannelCounts, type Channels, getChannels, setChannels } from './ethtool/channels';
export { type CoalesceSettings, getCoalesce, setCoalesce } from './ethtool/coalesce';
export { getDeviceStatistics } from './ethtool/device-statistics';
export { type DriverInfo, getDriverInfo } from './ethtool/driver-info';
export { type Features, getFeatures, setFeatures } from './ethtool/features';
export type { FeatureGroups, FeatureSettings } from './ethtool/feature-groups';
export { getLinkSettings, type LinkSettings } from './ethtool/link-settings';
export { getPause, type PauseSettings, setPause } from './ethtool/pause';
export { getRings, type Rings, type RingSizes, setRings } from './ethtool/rings';
export {
  getWireguard,
  type GetWireguardOptions,
  type WireguardInfo,
  type WireguardPeerInfo,
} from './wireguard/get-wireguard';
export { generateWireguardKeys, type WireguardKeys, wireguardPublicKey } from './wireguard/keys';
export type {
  WireguardOptions,
  WireguardPeer,
  WireguardPeerChange,
  WireguardSettings,
} from './wireguard/settings';
export { setWireguard } from './wireguard/set-wireguard';
export { exec, type ExecError, type ExecOptions, type ExecResult } from './process/exec';
export { waitGone, type WaitGoneOptions } from './netns/wait-gone';
export {
  type AgentExtras,
  httpAgent,
  type HttpAgentOptions,
  httpsAgent,
  type HttpsAgentOptions,
} from './sockets/http-agent';
export {
  addAltName,
  type AddAltNameOptions,
  removeAltName,
  type RemoveAltNameOptions,
} from './links/alt-names';
export type { AllLinkOptions, LinkOptions, NewDeviceOptions } from './links/link-request';
export type { BondPortSettings } from './links/bond-port';
export type {
  LinkDetails,
  LinkStatistics,
  ReceiveStatistics,
  TransmitStatistics,
} from './links/link-details';
export type { LinkExtras } from './links/link-extras';
export type { Link } from './links/link-view';
export type { LinkKindName, LinkKindOptions, LinkKindViews } from './netlink/rtnetlink/kinds';
export type { BridgeInfo } from './netlink/rtnetlink/kinds/bridge';
export type { BridgePortInfo } from './netlink/rtnetlink/kinds/bridge-port';
export type { BridgeSettings } from './netlink/rtnetlink/kinds/bridge-settings';
export type { Peer as VethPeer, VethOptions } from './netlink/rtnetlink/kinds/veth';
export type { BareudpInfo, BareudpOptions } from './netlink/rtnetlink/kinds/bareudp';
export type { BondInfo, BondOptions, BondPortInfo } from './netlink/rtnetlink/kinds/bond';
export type { GeneveInfo, GeneveOptions } from './netlink/rtnetlink/kinds/geneve';
export type {
  ErspanHeaderOptions,
  ErspanInfo,
  ErspanOptions,
  GreHeaderOptions,
  GreInfo,
  GreOptions,
  Ip6erspanInfo,
  Ip6erspanOptions,
  Ip6greInfo,
  Ip6greOptions,
} from './netlink/rtnetlink/kinds/gre';
export type { HsrInfo, HsrOptions } from './netlink/rtnetlink/kinds/hsr';
export type {
  Ipv4TunnelOptions,
  Ipv6TunnelOptions,
  TunnelInfo,
  TunnelOptions,
} from './netlink/rtnetlink/kinds/ip-tunnel';
export type {
  Ip6tnlInfo,
  Ip6tnlOptions,
  IpipInfo,
  IpipOptions,
  SitInfo,
  SitOptions,
  SixRd,
  TunnelProtocol,
} from './netlink/rtnetlink/kinds/ipip';
export type { MacsecCipher, MacsecInfo, MacsecOptions } from './netlink/rtnetlink/kinds/macsec';
export type { TunInfo, TunMode, TunOptions } from './netlink/rtnetlink/kinds/tun';
export type { DontFragment, TunnelEncap } from './netlink/rtnetlink/kinds/tunnel';
export type { VtiInfo, VtiOptions } from './netlink/rtnetlink/kinds/vti';
export type { VxlanInfo, VxlanOptions } from './netlink/rtnetlink/kinds/vxlan';
export type { XfrmInfo, XfrmOptions } from './netlink/rtnetlink/kinds/xfrm';
export type { IpvlanInfo, IpvlanOptions } from './netlink/rtnetlink/kinds/ipvlan';
export type { MacvlanInfo, MacvlanOptions } from './netlink/rtnetlink/kinds/macvlan';
export type { NetkitInfo, NetkitOptions } from './netlink/rtnetlink/kinds/netkit';
export type { VlanOptions } from './netlink/rtnetlink/kinds/vlan';
export type { VrfInfo, VrfOptions, VrfPortInfo } from './netlink/rtnetlink/kinds/vrf';
export type { IfExists, IfMissing } from './netlink/existence';
export {
  createLink,
  type CreateLinkOptions,
  type KnownLinkOptions,
  type NewLinkOptions,
  type RawLinkOptions,
} from './links/create-link';
export {
  deleteLink,
  deleteLinkGroup,
  type DeleteLinkOptions,
  enslaveLink,
  getLink,
  type GetLinkOptions,
  listLinks,
  type ListLinksOptions,
  releaseLink,
  renameLink,
} from './links/links';
export { moveLink, type MoveLinkOptions } from './links/move-link';
export {
  type KnownLinkChange,
  type LinkChange,
  type RawLinkChange,
  setLink,
  type SetLinkOptions,
} from './links/set-link';
export { listen, type ListenOptions } from './sockets/listen';
export {
  getNamespaceIds,
  NAMESPACE_KINDS,
  type NamespaceIds,
  type NamespaceKind,
} from './netns/namespace-ids';
export { DumpInterruptedError, NetlinkError } from './netlink/error';
export type { RawAttribute } from './netlink/attributes';
export { MalformedError } from './netlink/codec';
export {
  addNeighbor,
  flushNeighbors,
  getNeighbor,
  type GetNeighborOptions,
  listNeighbors,
  type ListNeighborsOptions,
  removeNeighbor,
  type RemoveNeighborOptions,
} from './addresses/neighbors';
export {
  listNeighborTables,
  type ListNeighborTablesOptions,
  type NeighborGc,
  type NeighborParameters,
  type NeighborTable,
  setNeighborTable,
  type SetNeighborTableOptions,
} from './addresses/neighbor-tables';
export type { NeighborFilter } from './addresses/neighbor-filter';
export type { AddNeighborOptions } from './addresses/neighbor-request';
export type { Neighbor, NeighborState, NeighborStatistics } from './addresses/neighbor-view';
export { openTun, type OpenTunOptions } from './links/tun/open-tun';
export { TunQueue } from './links/tun/tun-queue';
export { currentNetns, type NetnsReference, openNetns } from './netns/open';
export { Netns } from './netns/netns';
export {
  createNetns,
  type CreateNetnsOptions,
  deleteNetns,
  type DeleteNetnsOptions,
} from './netns/create-netns';
/** nf_tables: typed rules, sets and maps, which {@link nft.apply} changes in one transaction, as `nft` does. */
export * as nft from './nft';
export { attachNetns, identifyNetns, listNetns, type NamedNetns, netnsPids } from './netns/names';
export { getNsid, setNsid } from './netns/nsid';
export { type RawReply, type RawRequest, requestRaw } from './netns/raw-request';
export { ping, type PingOptions, type PingResult } from './packets/ping';
export type { PingPacket } from './packets/ping-session';
export { resolve, type ResolvedAddress, type ResolveOptions } from './sockets/dns/resolve';
export type { TableName } from './routes/route-table';
export type { Route, RouteNexthop, RouteType } from './routes/route-view';
export { addRoute, type AddRouteOptions, removeRoute, type RemoveRouteOptions } from './routes/routes';
export {
  addMplsRoute,
  type AddMplsRouteOptions,
  getMplsRoute,
  listMplsRoutes,
  type MplsRouteFilter,
  removeMplsRoute,
  type RemoveMplsRouteOptions,
} from './routes/mpls-routes';
export type { MplsNexthopOptions, MplsRouteOptions } from './routes/mpls-request';
export type { MplsRoute, MplsRouteNexthop } from './routes/mpls-view';
export { getRoute, type GetRouteOptions } from './routes/get-route';
export { flushRoutes, iterateRoutes, listRoutes } from './routes/list-routes';
export type { RouteFilter } from './routes/route-filter';
export type { GroupMemberOptions, NexthopObjectOptions } from './routes/nexthop-request';
export type { Nexthop, NexthopGroupMember, ResilientGroup } from './routes/nexthop-view';
export {
  addNexthop,
  type AddNexthopOptions,
  flushNexthops,
  getNexthop,
  type GetNexthopOptions,
  listNexthops,
  type ListNexthopsOptions,
  type NexthopFilter,
  removeNexthop,
  type RemoveNexthopOptions,
} from './routes/nexthops';
export {
  listNexthopBuckets,
  type ListNexthopBucketsOptions,
  type NexthopBucket,
} from './routes/nexthop-buckets';
export type { Encap, EncapOptions, KnownEncap, RawEncap } from './routes/encap';
export type { Ip6Encap, IpEncap, MplsEncap, XfrmEncap } from './routes/encap-kinds';
export type { IlaEncap, Ioam6Encap, Ioam6Frequency, RplEncap } from './routes/ipv6-encap';
export type { Seg6Counters, Seg6Encap, Seg6LocalEncap } from './routes/seg6-encap';
export type { RouteMetrics } from './routes/route-metrics';
export type { RouteRealms } from './routes/realms';
export type { RouteOptions } from './routes/route-request';
export type { NexthopOptions } from './routes/route-ways';
export type { UnknownAttributes } from './routes/unexpressed';
export type { Range, Realms, Rule, RuleAction, RuleSelectors } from './routes/rule-view';
export type { RuleFilter } from './routes/rule-filter';
export type { RuleOptions } from './routes/rule-request';
export {
  addRule,
  type AddRuleOptions,
  flushRules,
  listRules,
  removeRule,
  type RemoveRuleOptions,
} from './routes/rules';
export type { Stats } from './addon/native';
export { createLab, type CreateLabOptions } from './lab/create-lab';
export type {
  EndSettings,
  LabDefinition,
  LinkDefinition,
  LinkEndDefinition,
  NodeDefinition,
  PortDefinition,
  RouterDefinition,
  SwitchDefinition,
} from './lab/definition';
export type {
  NatBehavior,
  NatDependence,
  NatOptions,
  NatPortRange,
  NatPreset,
  NatTimeouts,
  PublishDefinition,
} from './lab/nat/behavior';
export { NAT_PRESETS } from './lab/nat/presets';
export { type LabFinding, LabDefinitionError } from './lab/findings';
export type { ApplyLabOptions, DestroyLabOptions, Lab } from './lab/lab';
export type { FlapOptions } from './lab/faults/cut';
export type { LabFault, LabFaultKind } from './lab/faults/fault';
export type { ImpairOptions } from './lab/faults/impair/impair';
export type { LabImpairment } from './lab/faults/impair/read-impairments';
export type {
  ScenarioFlap,
  ScenarioImpairment,
  ScenarioKill,
  ScenarioOptions,
  ScenarioStep,
} from './lab/faults/scenario/scenario-step';
export type { LabDevice, LabTarget } from './lab/faults/targets';
export type { LabRecord, LabRecordEntry } from './lab/record';
export type { UntilOptions } from './lab/until';
export { draw, type DrawOptions } from './lab/draw/draw';
export { readLab } from './lab-files/read-lab';
export type { LabView, ServeLabOptions } from './lab-view/serve-lab';
export { serveLab } from './lab-view/serve-lab';
export { LabError } from './lab/lab-error';
export type { LatencyDefinition, RegionsDefinition } from './lab/regions';
export type { RuleDefinition, RuleRange, RulesDefinition, RuleValue } from './lab/rules/definition';
export type { LabProcess } from './lab/processes/lab-process';
export type { LabProcessEnd } from './lab/processes/running';
export type {
  CommandDefinition,
  ProcessDefinition,
  ReadyDefinition,
  WorkerDefinition,
} from './lab/processes/definition';
export type { LabPlan, LabPlanText, LabStep } from './lab/plan';
export { planLab } from './lab/plan-lab';
export { leafSpine } from './lab/shapes/leaf-spine';
export { line } from './lab/shapes/line';
export { mesh } from './lab/shapes/mesh';
export { star } from './lab/shapes/star';
export { tree } from './lab/shapes/tree';
export type {
  LeafSpineShape,
  LineShape,
  MeshShape,
  ShapesDefinition,
  StarShape,
  TreeShape,
} from './lab/shapes/definition';
export {
  destroyLab,
  type DestroyNamedLabOptions,
  type LabInfo,
  listLabs,
  openLab,
  sweepLabs,
  type SweepLabsOptions,
} from './lab/open-lab';
export { createStar, type CreateStarOptions } from './star/star';
export { deleteStar, type DeleteStarOptions } from './star/delete-star';
export type { CreatedMember, MemberResult, Star, StarMember } from './star/star-member';
export { spawn, type Surroundings } from './process/spawn';
export { getStats } from './addon/stats';
export { getSysctl, setSysctl, type SysctlValue } from './sysctl/sysctls';
export { type CreatedLink, createVeth, type VethEnd, type VethEndSettings } from './links/veth';
export type { BpfInstruction } from './netlink/bpf-program';
export { Capture, capture, type CaptureOptions } from './packets/capture';
export type { Packet, PacketCounts, PacketDirection } from './packets/packet-socket';
export {
  clearImpairment,
  type ClearImpairmentOptions,
  type ImpairmentOptions,
  setImpairment,
} from './traffic/impairment';
export type { TrafficStatistics } from './traffic/statistics';
export type { Qdisc, QdiscStatistics } from './traffic/qdisc-view';
export type { QdiscKindStatistics } from './netlink/rtnetlink/qdiscs/kind-statistics';
export {
  addQdisc,
  listQdiscs,
  type ListQdiscsOptions,
  removeQdisc,
  type RemoveQdiscOptions,
  setQdisc,
} from './traffic/qdiscs';
export type {
  AddQdiscOptions,
  KnownQdiscOptions,
  NewQdiscOptions,
  QdiscPlace,
  RawQdiscOptions,
  SetKnownQdiscOptions,
  SetQdiscOptions,
} from './traffic/qdisc-options';
export {
  addClass,
  type AddClassOptions,
  listClasses,
  removeClass,
  type RemoveClassOptions,
  setClass,
  type SetClassOptions,
} from './traffic/classes';
export type { ClassStatistics, TrafficClass } from './traffic/class-view';
export type { Action, ActionUse, KnownAction, ListedAction, RawAction } from './traffic/actions';
export type { Filter, FilterProtocol } from './traffic/filter-view';
export {
  addFilter,
  type AddFilterOptions,
  type KnownFilterOptions,
  listFilters,
  type ListFiltersOptions,
  type NewFilterOptions,
  type RawFilterOptions,
  removeFilter,
  type RemoveFilterOptions,
} from './traffic/filters';
export type { FilterKindName, FilterKindOptions, FilterKindViews } from './netlink/rtnetlink/filters';
export type { EtherType } from './netlink/rtnetlink/ether-type';
export type { BpfInfo, BpfOptions } from './netlink/rtnetlink/filters/bpf';
export type { FlowerOptions, FlowerVlan } from './netlink/rtnetlink/filters/flower';
export type {
  FlowerConnection,
  FlowerCtState,
  MaskedLabels,
} from './netlink/rtnetlink/filters/flower-connection';
export type {
  FlowerArp,
  FlowerHeaders,
  FlowerIcmp,
  FlowerIpFlags,
  FlowerMpls,
} from './netlink/rtnetlink/filters/flower-headers';
export type { MaskedNumber } from './netlink/rtnetlink/filters/flower-part';
export type { FlowerTunnel, FlowerTunnelKeys } from './netlink/rtnetlink/filters/flower-tunnel';
export type { PortMatch } from './netlink/rtnetlink/filters/flower-match';
export type { FwOptions } from './netlink/rtnetlink/filters/fw';
export type { IpProtocol } from './netlink/rtnetlink/ip-protocol';
export type {
  U32HashKey,
  U32Info,
  U32Key,
  U32Mark,
  U32NextHeader,
  U32Options,
} from './netlink/rtnetlink/filters/u32';
export { u32Keys, type U32Match } from './traffic/u32-keys';
export type { ActionKindName, ActionKindOptions, ActionKindViews } from './netlink/rtnetlink/actions';
export type { TrafficControl } from './netlink/rtnetlink/actions/control';
export type { Checksum, CsumOptions } from './netlink/rtnetlink/actions/csum';
export {
  addFilterChain,
  type AddFilterChainOptions,
  type FilterChain,
  listFilterChains,
  type ListFilterChainsOptions,
  removeFilterChain,
  type RemoveFilterChainOptions,
} from './traffic/filter-chains';
export type { BpfActionInfo, BpfActionOptions } from './netlink/rtnetlink/actions/bpf';
export type { ConnmarkOptions } from './netlink/rtnetlink/actions/connmark';
export type { SampleOptions } from './netlink/rtnetlink/actions/sample';
export type { SimpleOptions } from './netlink/rtnetlink/actions/simple';
export type { CtNat, CtOptions } from './netlink/rtnetlink/actions/ct';
export type { TunnelKeyOptions } from './netlink/rtnetlink/actions/tunnel-key';
export type { ActionChance, GactOptions } from './netlink/rtnetlink/actions/gact';
export type { MirredInfo, MirredOptions } from './netlink/rtnetlink/actions/mirred';
export type { PeditField, PeditKey, PeditOptions, PeditStart } from './netlink/rtnetlink/actions/pedit';
export type { PeditFieldName, PeditHeader } from './netlink/rtnetlink/actions/pedit-fields';
export type { PoliceInfo, PoliceOptions } from './netlink/rtnetlink/actions/police';
export type { SkbeditOptions } from './netlink/rtnetlink/actions/skbedit';
export type { VlanActionOptions } from './netlink/rtnetlink/actions/vlan';
export type {
  ClassKindName,
  ClassKindOptions,
  ClassKindViews,
  QdiscKindName,
  QdiscKindOptions,
  QdiscKindViews,
} from './netlink/rtnetlink/qdiscs';
export type { CakeOptions } from './netlink/rtnetlink/qdiscs/cake';
export type { CakeFlowStatistics, CakeStatistics, CakeTin } from './netlink/rtnetlink/qdiscs/cake-statistics';
export type {
  ClassKindStatistics,
  DrrClassStatistics,
  FqCodelFlowStatistics,
  HfscClassStatistics,
  HtbClassStatistics,
  SfqFlowStatistics,
} from './netlink/rtnetlink/qdiscs/class-statistics';
export type { CbsOptions } from './netlink/rtnetlink/qdiscs/cbs';
export type { ChokeInfo, ChokeOptions, ChokeStatistics } from './netlink/rtnetlink/qdiscs/choke';
export type { CodelOptions, CodelStatistics } from './netlink/rtnetlink/qdiscs/codel';
export type { DrrClassOptions, QfqClassOptions } from './netlink/rtnetlink/qdiscs/drr';
export type { EtfOptions } from './netlink/rtnetlink/qdiscs/etf';
export type { EtsOptions } from './netlink/rtnetlink/qdiscs/ets';
export type { FifoOptions } from './netlink/rtnetlink/qdiscs/fifo';
export type { FqOptions } from './netlink/rtnetlink/qdiscs/fq';
export type { FqStatistics } from './netlink/rtnetlink/qdiscs/fq-statistics';
export type { FqCodelOptions, FqCodelStatistics } from './netlink/rtnetlink/qdiscs/fq-codel';
export type { FqPieOptions, FqPieStatistics } from './netlink/rtnetlink/qdiscs/fq-pie';
export type { HfscClassOptions, HfscCurve, HfscOptions } from './netlink/rtnetlink/qdiscs/hfsc';
export type { HhfOptions, HhfStatistics } from './netlink/rtnetlink/qdiscs/hhf';
export type { HtbClassOptions, HtbOptions } from './netlink/rtnetlink/qdiscs/htb';
export type { MqprioOptions, QueueRange } from './netlink/rtnetlink/qdiscs/mqprio';
export type { MultiqInfo } from './netlink/rtnetlink/qdiscs/multiq';
export type { PieOptions, PieStatistics } from './netlink/rtnetlink/qdiscs/pie';
export type { PlugOptions } from './netlink/rtnetlink/qdiscs/plug';
export type { PrioOptions } from './netlink/rtnetlink/qdiscs/prio';
export type { RedInfo, RedOptions, RedStatistics } from './netlink/rtnetlink/qdiscs/red';
export type { SfbOptions, SfbStatistics } from './netlink/rtnetlink/qdiscs/sfb';
export type { SizeTable } from './netlink/rtnetlink/qdiscs/size-table';
export type { SkbprioOptions } from './netlink/rtnetlink/qdiscs/skbprio';
export type { SfqOptions } from './netlink/rtnetlink/qdiscs/sfq';
export type { NetemInfo, NetemOptions } from './netlink/rtnetlink/qdiscs/netem';
export type { NetemSlot } from './netlink/rtnetlink/qdiscs/netem-slot';
export type { FilterOffload, InputOptions, OffloadOptions } from './netlink/rtnetlink/filters/shared';
export type { LinkLayer, RateSize } from './netlink/rtnetlink/qdiscs/units';
export type { NetemFourStates, NetemGilbert } from './netlink/rtnetlink/qdiscs/netem-loss';
export type { DelayDistribution } from './netlink/rtnetlink/qdiscs/netem-distribution';
export type { TbfInfo, TbfOptions } from './netlink/rtnetlink/qdiscs/tbf';
export { createWorker } from './process/worker';
export {
  formatTrace,
  type PacketStep,
  type PacketTrace,
  trace,
  type TracedPacket,
  type TraceOptions,
  type TraceOutcome,
  type TraceProtocol,
} from './trace';
export { waitForAddr, type WaitForAddrOptions } from './events/wait-for-addr';
export { type BridgePortState, waitForLink, type WaitForLinkOptions } from './events/wait-for-link';
export type { WaitOptions } from './events/wait';
export type { EventIterator } from './common/event-queue';
export {
  type ObjectEvent,
  watch,
  type WatchEvent,
  type WatchOptions,
  type WatchSelection,
} from './events/watch';
export { type NetnsEvent, watchNetns, type WatchNetnsOptions } from './events/watch-netns';
export {
  type AddressAllocation,
  type AddressPool,
  type AddressPoolOptions,
  type AllocateAddressOptions,
  openAddressPool,
} from './pool/address-pool';
export {
  type AttachOptions,
  BridgeNetwork,
  type BridgeNetworkOptions,
  type DnsOptions,
  type EgressGrant,
  type EgressOptions,
  type EgressPort,
  type EgressRefusal,
  type MemberDevice,
  type NetworkDns,
  type NetworkInfo,
  type NetworkMember,
  type NetworkMemberInfo,
  type PortOrRange,
  type PublishedPort,
  type PublishOptions,
  type PublishProtocol,
  type RefusalsOptions,
  type RefusedName,
  type RefusedPacket,
  type SysctlChange,
} from './network/bridge-network';
export { createBridgeNetwork } from './network/create-bridge-network';
export type { Subnet as NetworkSubnet } from './network/plan';
export { NetworkError } from './network/network-error';
export { createNetnsPool } from './netns-pool/create-netns-pool';
export type { NetnsPool } from './netns-pool/netns-pool';
export { NetnsPoolError } from './netns-pool/netns-pool-error';
export type {
  AcquireNetnsOptions,
  NetnsPoolOptions,
  NetnsPoolWaitOptions,
  NetnsRefillOptions,
  ReuseNetns,
} from './netns-pool/options';
export type { PoolListOptions, PoolOwner } from './pool/open';
export { PoolError } from './pool/pool-error';
export {
  type AllocateSubnetOptions,
  openSubnetPool,
  type SubnetAllocation,
  type SubnetPool,
  type SubnetPoolOptions,
} from './pool/subnet-pool';
export type { SocketError } from './sockets/inet/socket-error';
export { waitForPort, type WaitForPortOptions } from './sockets/wait-for-port';
