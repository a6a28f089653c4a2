// Package kafkatest is a cluster of brokers in memory, for tests: brokers and
// clients joined by pipes with a delay, one thing at a time, with time that
// advances to whatever is due next. A test says what happens and when.
//
//	c, err := kafkatest.New(kafkatest.Config{Brokers: 3, Seed: 1})
//	c.Run(5 * kafkatest.Second)
//	answer, err := c.Ask(0, kmsg.NewPtrMetadataRequest())
//	c.Crash(1)
//	c.Run(...)
//	err = c.Restart(1)
//
// A pipe keeps order and loses nothing, as TCP does: what is sent over a link
// that is cut waits until it is healed. A crash is that of a machine: the other
// ends notice nothing until they time out, or until it is there again and
// knows nothing of the pipe. What its disk had not synced is lost, or half lost.
package kafkatest
