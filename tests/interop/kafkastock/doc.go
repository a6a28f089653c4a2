// Package kafkastock holds what programs of other people do with a Kafka
// cluster of ours: franz-go as a producer, a consumer, a group, in transactions
// and as an administrator; franz-go's own tests; and kcat, which is librdkafka.
// Package bridge lets them loose on the virtual brokers of a lab.
package kafkastock
