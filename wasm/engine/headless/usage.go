package headless

const usage = `Usage: ./build.sh run LAB [name=value ...] [flags]
       ./build.sh run -list
       ./build.sh run LAB -help

Plays a lab and prints what was measured and which checks held.

  -seed N           the run's luck (default 1)
  -seeds A..B       one run for each seed from A to B
  -script FILE      actions, one a line: "1.5s crash gossiper/3"; # begins a comment
  -link URL         the run that a link names; parameters and flags given beside it win
  -until DURATION   stop at this instant of virtual time, for example 2.5s
  -json             one JSON object a seed, one a line
  -digest           print only the digest, one a line
  -pcap FILE        the packets as sent, lost ones too, for Wireshark and tshark

Exit status: 0 when every check held, 1 when one failed, 2 on wrong usage, and
when what is to be written cannot be.
`
