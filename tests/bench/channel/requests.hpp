#pragma once
#include <bongsu/kafka/settings.hpp>

#include <cstdint>
#include <string>

namespace bongsu::bench {

/// Recipients that the requests go to, in turn; some of them fail when a benchmark asks for it.
inline constexpr int kRecipients = 100;
/// 010-0000-00NN
std::string recipient(int number);

/// Writes `count` requests as the gateway does (protobuf, sealed, a value of about 300 bytes), each with a
/// key of its own, and returns when Kafka has them all. `box_key` is the id of the key that seals them; all
/// of the benchmarks' keys have the same bytes.
void write_requests(const kafka::ProducerSettings& kafka, const std::string& topic, int count,
                    const std::string& box_key = "bench");

/// Records that were ever written to the topic.
std::int64_t written_to(const std::string& brokers, const std::string& topic, int partitions = 4);

}  // namespace bongsu::bench
