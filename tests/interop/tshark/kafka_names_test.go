package tshark

import (
	"slices"
	"strings"
)

// names are ours for what tshark calls kafka.…, where they differ.
var names = map[string]string{
	"api_versions.api_key":     "api_key",
	"api_versions.max_version": "max_version",
	"api_versions.min_version": "min_version",
	"batch_base_sequence":      "base_sequence",
	"batch_codec":              "attributes",
	"batch_control_batch":      "attributes",
	"batch_crc":                "crc",
	"batch_first_timestamp":    "base_timestamp",
	"batch_index":              "relative_offset",
	"batch_last_offset_delta":  "last_offset_delta",
	"batch_last_timestamp":     "max_timestamp",
	"batch_size":               "records_count",
	"batch_timestamp_type":     "attributes",
	"batch_transactional":      "attributes",

	"batch_index_error_message":      "error_message",
	"cluster_authorized_ops":         "authorized_operations",
	"config_default":                 "is_default",
	"config_include_synonyms":        "include_synonyms",
	"config_key":                     "name|config_names",
	"config_operation":               "op",
	"config_readonly":                "read_only",
	"config_resource_name":           "resource_name",
	"config_resource_type":           "resource_type",
	"config_sensitive":               "is_sensitive",
	"config_source":                  "source",
	"config_value":                   "value",
	"consumer_group":                 "group_id|groups|coordinator_key",
	"consumer_group_instance":        "group_instance_id",
	"error":                          "error_code",
	"fetch_session_epoch":            "session_epoch",
	"fetch_session_id":               "session_id",
	"forgotten_topic_name":           "topic",
	"forgotten_topic_partition":      "partitions",
	"future":                         "is_future",
	"group_authorized_ops":           "authorized_operations",
	"group_leader_id":                "leader_id",
	"group_state":                    "state",
	"isr_id":                         "isr",
	"leader_epoch":                   "leader_epoch|current_leader_epoch|partition_leader_epoch",
	"leader_id":                      "leader",
	"len":                            "size",
	"log_dir":                        "dir",
	"max_bytes":                      "max_bytes|partition_max_bytes",
	"max_wait_time":                  "max_wait_ms",
	"member_metadata":                "protocol_metadata",
	"message_key":                    "key",
	"message_magic":                  "magic",
	"message_size":                   "batch_length",
	"message_timestamp":              "timestamp_delta",
	"message_value":                  "value",
	"node_id":                        "node_id|controller_id",
	"offline_id":                     "offline_replicas",
	"offset":                         "offset|base_offset|offset_delta|fetch_offset|end_offset|high_watermark|low_watermark",
	"offset_time":                    "timestamp|log_append_time",
	"partition_count":                "count",
	"partition_id":                   "partition|partitions",
	"protocol_metadata":              "metadata",
	"protocol_name":                  "name|protocol",
	"rebalance_timeout":              "rebalance_timeout_ms",
	"record_attributes":              "attributes",
	"replica_id":                     "replica_id|replicas|preferred_read_replica",
	"require_stable_offset":          "require_stable",
	"required_acks":                  "acks",
	"retention_time":                 "retention_time_ms",
	"segment_size":                   "size",
	"session_timeout":                "session_timeout_ms",
	"tagged_field_tag":               "tag and size",
	"tagged_field_data":              "unknown tagged field",
	"throttle_time":                  "throttle_ms",
	"timeout":                        "timeout_ms",
	"topic_authorized_ops":           "authorized_operations",
	"topic_name":                     "topic|topics|topic_names",
	"transaction_result":             "commit|committed",
	"transaction_timeout":            "transaction_timeout_ms",
	"include_group_authorized_ops":   "include_authorized_operations",
	"include_cluster_authorized_ops": "include_cluster_authorized_operations",
	"include_topic_authorized_ops":   "include_topic_authorized_operations",
}

// sameName reports whether tshark's name and ours mean the same.
func sameName(theirs, ours string) bool {
	theirs = strings.TrimPrefix(theirs, "kafka.")
	if list, ok := names[theirs]; ok {
		return slices.Contains(strings.Split(list, "|"), ours)
	}
	return theirs == ours
}
