package queue

import "grapevine/wasm/lab"

// Labs are the family's labs, in the order of the list.
var Labs = []*lab.Lab{
	&PTP,
	&PubSub,
	&Kafka,
	&Groups,
	&Replicas,
	&Disk,
	&Idempotence,
}
