// Package desk is what the coordinators of groups and of transactions have in
// common: which partition of their internal topic keeps an id, how that
// partition is read, what they ask of their broker, the batches that they have
// asked it to write and not heard of yet; and, for all who answer lists, that
// what is asked twice is answered once.
package desk
