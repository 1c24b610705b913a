#pragma once
#include <bongsu/core/error.hpp>

#include <string_view>

#include <librdkafka/rdkafka.h>

namespace bongsu::kafka {

/// Kafka's error in our words. `what` says what was tried; detail becomes Kafka's name of the error
/// ("MSG_SIZE_TOO_LARGE", "_TRANSPORT"), for a fatal error of the idempotent producer "fatal".
/// `sent` stays kNo: only who knows the message's way can say more.
Error to_error(rd_kafka_resp_err_t code, std::string_view what);

/// The same, taking over librdkafka's error object.
Error to_error(rd_kafka_error_t* owned, std::string_view what);

/// Whether a refusal is the record's own fault, so that it will never be accepted.
bool is_records_fault(rd_kafka_resp_err_t code);

}  // namespace bongsu::kafka
