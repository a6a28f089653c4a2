package client

import (
	"github.com/twmb/franz-go/pkg/kmsg"
)

// api is one that a client uses.
type api uint8

const (
	apiProduce api = iota
	apiFetch
	apiListOffsets
	apiMetadata
	apiOffsetCommit
	apiOffsetFetch
	apiFindCoordinator
	apiJoinGroup
	apiHeartbeat
	apiLeaveGroup
	apiSyncGroup
	apiInitProducerID
	apiEpochEnd
	apiAddPartitions
	apiAddOffsets
	apiEndTxn
	apiTxnOffsetCommit
	apis
)

// spoken is what we speak of each: from the version that has what we cannot do
// without, to the last one before topics go by ID (Produce 13, Fetch 13,
// OffsetCommit 10) or transactions by the second protocol of KIP-890
// (Produce 12, AddPartitionsToTxn 4, EndTxn 5, TxnOffsetCommit 5). Broker 0.11, which
// brought record batches (KIP-98), has all of these minimums.
var spoken = [apis]struct{ key, min, max int16 }{
	apiProduce:         {int16(kmsg.Produce), 3, 11},
	apiFetch:           {int16(kmsg.Fetch), 4, 12},
	apiListOffsets:     {int16(kmsg.ListOffsets), 1, 7},
	apiMetadata:        {int16(kmsg.Metadata), 1, 12},
	apiOffsetCommit:    {int16(kmsg.OffsetCommit), 2, 9},
	apiOffsetFetch:     {int16(kmsg.OffsetFetch), 1, 9},
	apiFindCoordinator: {int16(kmsg.FindCoordinator), 1, 5},
	apiJoinGroup:       {int16(kmsg.JoinGroup), 1, 9},
	apiHeartbeat:       {int16(kmsg.Heartbeat), 0, 4},
	apiLeaveGroup:      {int16(kmsg.LeaveGroup), 0, 5},
	apiSyncGroup:       {int16(kmsg.SyncGroup), 0, 5},
	apiInitProducerID:  {int16(kmsg.InitProducerID), 0, 5},
	apiEpochEnd:        {int16(kmsg.OffsetForLeaderEpoch), 2, 4},
	apiAddPartitions:   {int16(kmsg.AddPartitionsToTxn), 0, 3},
	apiAddOffsets:      {int16(kmsg.AddOffsetsToTxn), 0, 4},
	apiEndTxn:          {int16(kmsg.EndTxn), 0, 4},
	apiTxnOffsetCommit: {int16(kmsg.TxnOffsetCommit), 0, 4},
}

// versions are the ones agreed on with a broker; -1: none.
type versions [apis]int16

// agree finds the highest versions that both speak.
func (c *Client) agree(theirs []kmsg.ApiVersionsResponseApiKey) (v versions) {
	for i, ours := range spoken {
		v[i] = -1
		for _, t := range theirs {
			if t.ApiKey != ours.key {
				continue
			}
			high := min(ours.max, t.MaxVersion)
			if c.config.MaxVersion != nil {
				high = min(high, c.config.MaxVersion(ours.key))
			}
			if high >= max(ours.min, t.MinVersion) {
				v[i] = high
			}
		}
	}
	return v
}

// of returns the version agreed on for an API's key; -1: none.
func (v *versions) of(key int16) int16 {
	for i, ours := range spoken {
		if ours.key == key {
			return v[i]
		}
	}
	return -1
}
