#include <bongsu/events/cloud_events.hpp>
#include <bongsu/events/headers.hpp>
#include <bongsu/intake/record.hpp>

namespace bongsu::intake {

DeadLetter letter_of(const kafka::Message& record, Unusable why, const std::string& group) {
  DeadLetter letter{.key = record.key,
                    .headers = record.headers,
                    .value = record.value,
                    .death = {.reason = std::string{why.reason},
                              .topic = std::string{record.topic},
                              .partition = record.partition,
                              .offset = record.offset,
                              .group = group,
                              .message = std::move(why.message)}};
  if (why.sealed_value) {
    letter.value = std::move(why.sealed_value);
    set(letter.headers, events::header::kContentType,
        std::string{events::name_of(events::ContentType::kProtobuf)});
  }
  return letter;
}

}  // namespace bongsu::intake
