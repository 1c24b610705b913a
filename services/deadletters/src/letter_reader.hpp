#pragma once
#include "letter.hpp"

#include <bongsu/events/topics.hpp>
#include <bongsu/events/v1/notification.pb.h>
#include <bongsu/kafka/record.hpp>
#include <bongsu/security/keyed_hash.hpp>
#include <bongsu/security/sealed_box.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace bongsu::deadletters {

/// A letter's value, opened.
struct OpenedRequest {
  events::v1::NotificationRequest request;
  events::v1::NotificationPrivate content;
};

/// Reads dead letters' records. Whatever lies on a dead-letter topic is a letter: what cannot be told is left
/// empty. Pure. Threads: the io_context's one thread. Lifetime: `box` and `hash` outlive it.
class LetterReader {
 public:
  LetterReader(events::Topics topics, const security::SealedBox& box, const security::KeyedHash& hash)
      : topics_(std::move(topics)), box_(box), hash_(hash) {}

  Letter read(const kafka::Message& record) const;

  /// Errors: kInvalidArgument, kNotFound (a key that is not there); the message is for people and tells no
  /// value.
  Result<OpenedRequest> open(const kafka::Message& record) const;

 private:
  void read_value(const kafka::Message& record, Letter& letter) const;

  events::Topics topics_;
  const security::SealedBox& box_;
  const security::KeyedHash& hash_;
};

}  // namespace bongsu::deadletters
