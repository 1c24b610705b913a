#pragma once
#include "report.hpp"

#include <bongsu/deadletters/v1/deadletters.pb.h>

#include <string>
#include <string_view>
#include <vector>

/// Dead letters as people and programs read them. Pure.
namespace bongsu::ctl {

Report report_of(const std::vector<deadletters::v1::DeadLetter>& letters);

/// One letter in full: why it died and where it lies, what it holds, its headers, its history. The record's
/// bytes are shown where they are all there is to read, or when `bytes` asks for them.
Report report_of(const deadletters::v1::DeadLetter& letter, bool bytes);

/// How many, by channel, reason, state, provider's code, job and hour, as bars.
Report report_of(const deadletters::v1::SummarizeDeadLettersResponse& summary);

Report report_of(const deadletters::v1::DiscardDeadLettersResponse& discarded);

/// "[####------]" as wide as `width`, for this share of the greatest count; never empty for what there is.
std::string bar_of(std::int64_t count, std::int64_t greatest, std::size_t width);

/// Sixteen bytes a line, at most `most` bytes: offset, hex, and text with a dot for what is none.
std::string dump_of(std::string_view hex, std::size_t most);

/// Text from elsewhere, safe on a terminal: control characters stand as \xNN, line feeds are indented.
std::string shown(std::string_view text);

}  // namespace bongsu::ctl
