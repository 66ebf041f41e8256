" SPDX-License-Identifier: GPL-2.0-only
" Rules files of zfwc, and so nft's as far as zfwc has them.  tests/editors.t
" compares the words here with the tables that the compiler reads.
if exists('b:current_syntax')
  finish
endif
syn case match
syn iskeyword @,48-57,_,-,192-255

" ---- script level ----
syn keyword zfwcScript define redefine undefine include
syn keyword zfwcCommand add create insert replace delete destroy flush rename
syn keyword zfwcObject table chain set map rule element ruleset handle index position
syn keyword zfwcFamily inet netdev

" ---- blocks ----
syn keyword zfwcProperty type typeof hook device devices priority policy flags elements size timeout expires
syn keyword zfwcProperty gc-interval auto-merge comment
syn keyword zfwcFlag interval constant dynamic offload
syn keyword zfwcHook ingress egress prerouting filter raw mangle dstnat security
syn keyword zfwcType ipv4_addr ipv6_addr ether_addr ether_type inet_proto nf_proto inet_service mark classid
syn keyword zfwcType iface_index ifname icmp_type icmpv6_type icmp_code icmpv6_code icmpx_code ct_state tcp_flag
syn keyword zfwcType pkt_type dscp ecn fib_addrtype boolean verdict

" ---- matches ----
syn keyword zfwcHeader arp vlan ip ip6 tcp udp udplite sctp dccp th icmp icmpv6 ether meta ct socket fib
syn keyword zfwcField saddr daddr protocol version hdrlength length id frag-off ttl checksum nexthdr flowlabel
syn keyword zfwcField hoplimit sport dport sequence ackseq doff reserved window urgptr csumcov vtag code gateway mtu
syn keyword zfwcField parameter-problem max-delay l4proto nfproto pkttype cpu iif iifname oif oifname state
syn keyword zfwcField transparent wildcard exists missing

" ---- statements ----
syn keyword zfwcVerdict accept drop reject continue return jump goto
syn keyword zfwcStatement counter packets bytes limit rate over burst log prefix level group snaplen queue-threshold all
syn keyword zfwcStatement tproxy to port with reset icmpx name vmap
syn keyword zfwcExtension ssh-local dhcp client server relay
syn keyword zfwcOperator eq ne lt gt le ge and or xor not lshift rshift

" ---- values ----
syn match   zfwcVariable  "\$\h[[:alnum:]_./-]*"
syn match   zfwcSetRef    "@\h[[:alnum:]_./-]*"
syn match   zfwcNumber    "\<\d\+\>"
syn match   zfwcNumber    "\<0x\x\+\>"
syn match   zfwcTime      "\<\(\d\+\(ms\|[dhms]\)\)\+\>"
syn match   zfwcAddress   "\<\d\{1,3}\(\.\d\{1,3}\)\{3}\(/\d\+\)\?"
syn match   zfwcAddress   "\<\x\{1,4}\(:\x\{1,4}\)\{7}\(/\d\+\)\?"
syn match   zfwcAddress   "\(\<\x\{1,4}\(:\x\{1,4}\)*\)\?::\(\x\{1,4}\(:\x\{1,4}\)*\)\?\(/\d\+\)\?"
syn match   zfwcAddress   "\<\x\x\(:\x\x\)\{5}\>"
syn region  zfwcString    start=+"+ end=+"+ oneline
syn match   zfwcContinued "\\$"

" ---- comments ----
syn keyword zfwcTodo      TODO FIXME XXX contained
syn match   zfwcComment   "#.*$" contains=zfwcTodo,@Spell

syn region  zfwcBlock     start="{" end="}" transparent fold

hi def link zfwcScript    PreProc
hi def link zfwcCommand   PreProc
hi def link zfwcObject    Structure
hi def link zfwcFamily    StorageClass
hi def link zfwcProperty  Label
hi def link zfwcFlag      Constant
hi def link zfwcHook      Constant
hi def link zfwcType      Type
hi def link zfwcHeader    Identifier
hi def link zfwcField     Identifier
hi def link zfwcVerdict   Statement
hi def link zfwcStatement Keyword
hi def link zfwcExtension Special
hi def link zfwcOperator  Operator
hi def link zfwcVariable  Macro
hi def link zfwcSetRef    Function
hi def link zfwcNumber    Number
hi def link zfwcTime      Number
hi def link zfwcAddress   Number
hi def link zfwcString    String
hi def link zfwcContinued Special
hi def link zfwcTodo      Todo
hi def link zfwcComment   Comment

let b:current_syntax = 'zfwc'
