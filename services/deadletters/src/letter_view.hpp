#pragma once
#include "letter_reader.hpp"
#include "letter_store.hpp"

#include <bongsu/kafka/record.hpp>

#include <optional>
#include <string_view>

namespace bongsu::deadletters {

/// "EMAIL", …; "EVENTS" for what gateway, jobs or deadletters could not use.
std::string name_of_channel(std::optional<events::Channel> channel);

/// A letter as it is listed. Pure.
v1::DeadLetter view_of(const LetterRow& row);

/// Its headers, as text. Pure.
void show_headers(v1::DeadLetter& letter, const Headers& headers);

/// Its value: decoded where it can be, masked unless `revealed`; its bytes unless they may be clear text and
/// are not to be revealed. Pure.
void show_value(v1::DeadLetter& letter, const LetterReader& reader, const kafka::Message& record,
                bool revealed);

/// What happened to it in all its generations, the oldest first. Pure.
void show_history(v1::DeadLetter& letter, const std::vector<LetterRow>& generations,
                  const std::vector<Decision>& decisions);

/// As hex in lower case, two digits a byte. Printable text with a dot for what is none.
std::string printable(std::string_view bytes);

}  // namespace bongsu::deadletters
