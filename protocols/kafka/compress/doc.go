// Package compress packs and unpacks the records of a batch in the four ways
// that Kafka knows: gzip, Snappy, LZ4 and zstd.
//
// gzip's deflate is the standard library's. The others are written here, for two
// reasons. Libraries find other matches in their assembly than in their Go, so
// that equal runs would have other bytes, and another digest, in a browser than
// natively. And a page that speaks Kafka has to be small: the library for zstd
// alone is 220 KB of its download, all of this is 33.
//
// Whatever comes from outside unpacks to no more than the limit that the
// caller gives, and costs no more time than that and its own size.
//
// Left out: dictionaries, levels, and what Kafka does not use of the formats.
package compress
