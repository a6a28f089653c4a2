package log

// Disk is a node's durable files. Contents change at once, and reads see them
// at once; at is when the device is done with it, which is what the caller
// waits for where it matters. An error (disk full, no such file) means that
// nothing was changed.
//
// What was appended since a file's last Sync that was done may be lost in a
// crash: the file then keeps some of it, from the front. That a file was made,
// cut, deleted or renamed survives once the call has returned.
type Disk interface {
	// Size is a file's bytes; false when there is no such file.
	Size(file string) (int64, bool)
	// List names the files that begin with prefix, in order.
	List(prefix string) []string
	// Append writes b behind the file's end, and makes the file if need be.
	Append(now int64, file string, b []byte) (at int64, err error)
	// ReadAt fills b from offset on; n is less than len(b) only at the file's end.
	ReadAt(now int64, file string, b []byte, offset int64) (n int, at int64, err error)
	// Sync makes everything appended so far survive a crash, from at on.
	Sync(now int64, file string) (at int64, err error)
	// Truncate cuts the file to size bytes.
	Truncate(now int64, file string, size int64) error
	// Delete takes the file away; one that is not there is no error.
	Delete(now int64, file string) error
	// Rename gives a file another's name, and replaces that one.
	Rename(now int64, from, to string) error
}
