#include "errors.hpp"

#include <gtest/gtest.h>

namespace bongsu::kafka {
namespace {

TEST(KafkaErrors, OnlyTheRecordsOwnFaultIsForGood) {
  for (const auto code : {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
                          RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP}) {
    const auto error = to_error(code, "delivery");
    EXPECT_TRUE(is_records_fault(code));
    EXPECT_TRUE(error.code == ErrorCode::kTooLarge || error.code == ErrorCode::kInvalidArgument);
    EXPECT_EQ(error.detail, rd_kafka_err2name(code));
  }
}

TEST(KafkaErrors, WhatTheBrokerMayGetOverIsWaitedFor) {
  for (const auto code : {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
                          RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                          RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR}) {
    EXPECT_FALSE(is_records_fault(code));
    EXPECT_EQ(to_error(code, "delivery").code, ErrorCode::kUnavailable) << rd_kafka_err2name(code);
  }
  EXPECT_EQ(to_error(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, "delivery").code, ErrorCode::kTimeout);
}

TEST(KafkaErrors, AFatalOneCanBeTold) {
  const auto error = to_error(RD_KAFKA_RESP_ERR__FATAL, "produce");
  EXPECT_EQ(error.code, ErrorCode::kConflict);
  EXPECT_EQ(error.detail, "fatal");
}

TEST(KafkaErrors, AFencedMemberIsAConflict) {
  for (const auto code : {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
                          RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS})
    EXPECT_EQ(to_error(code, "commit").code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace bongsu::kafka
