// Package fill puts something into every field of kmsg's messages, for tests
// that hold our own reading of the bytes against kmsg's. It works by
// reflection, which no code that runs in a lab may do.
package fill
