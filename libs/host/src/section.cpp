#include "reader.hpp"

#include <bongsu/core/bytes.hpp>
#include <bongsu/core/time.hpp>

#include <charconv>
#include <filesystem>

#include <fmt/format.h>

namespace bongsu::config {
namespace {

constexpr std::string_view kMask = "***";

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// scheme://user:secret@host and …?password=secret, or libpq's "… password=secret …", without it.
std::string mask_uri(const std::string& uri) {
  auto shown = uri;
  if (const auto scheme = shown.find("://"); scheme != std::string::npos) {
    const auto start = scheme + 3;
    const auto at = shown.substr(0, shown.find_first_of("/?#", start)).rfind('@');
    const auto colon = shown.find(':', start);
    if (at != std::string::npos && at > start && colon < at) shown.replace(colon + 1, at - colon - 1, kMask);
  }
  for (auto found = shown.find("password="); found != std::string::npos;
       found = shown.find("password=", found + 1)) {
    const auto value = found + 9;
    shown.replace(value, shown.find_first_of("& ", value) - value, kMask);
  }
  return shown;
}

std::string without_line_end(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

std::optional<HostAndPort> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto digits = text.substr(colon + 1);
  auto host = text.substr(0, colon);
  HostAndPort parsed;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.port);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]/ ") != std::string_view::npos) {
    return std::nullopt;
  }
  if (host.empty()) return std::nullopt;
  parsed.host = host;
  return parsed;
}

std::string Section::at(std::string_view key) const {
  return path_.empty() ? std::string{key} : path_ + "." + std::string{key};
}

Section Section::section(std::string_view key) const { return Section{*reader_, at(key)}; }

void Section::refuse(std::string_view key, std::string what) {
  const auto path = at(key);
  reader_->refuse(path, std::move(what), reader_->where(path));
}

std::int64_t Section::integer(std::string_view key, std::int64_t value, std::int64_t least,
                              std::int64_t most) {
  const auto path = at(key);
  if (const auto given = reader_->plain(path)) {
    const auto number = parse_number<std::int64_t>(given->text);
    if (!number) {
      reader_->refuse(path, fmt::format("'{}' is not a whole number", given->text), given->where);
    } else if (*number < least || *number > most) {
      reader_->refuse(path, fmt::format("{} is not between {} and {}", *number, least, most), given->where);
    } else {
      value = *number;
    }
  }
  reader_->show_raw(path, std::to_string(value));
  return value;
}

void Section::number(std::string_view key, double& value, double least, double most) {
  const auto path = at(key);
  if (const auto given = reader_->plain(path)) {
    const auto number = parse_number<double>(given->text);
    if (!number) {
      reader_->refuse(path, fmt::format("'{}' is not a number", given->text), given->where);
    } else if (!(*number >= least && *number <= most)) {
      reader_->refuse(path, fmt::format("{} is not between {} and {}", *number, least, most), given->where);
    } else {
      value = *number;
    }
  }
  reader_->show_raw(path, fmt::format("{}", value));
}

void Section::flag(std::string_view key, bool& value) {
  const auto path = at(key);
  if (const auto given = reader_->plain(path)) {
    if (given->text == "true" || given->text == "false") {
      value = given->text == "true";
    } else {
      reader_->refuse(path, fmt::format("'{}' is neither true nor false", given->text), given->where);
    }
  }
  reader_->show_raw(path, value ? "true" : "false");
}

void Section::shown_text(std::string_view key, std::string& value, Presence presence,
                         const std::function<std::string(const std::string&)>& shown) {
  const auto path = at(key);
  const auto given = reader_->plain(path);
  if (given) value = given->text;
  if (presence == Presence::kRequired && value.empty()) {
    reader_->refuse(path, "is required: set it in the file or as " + variable_of(path),
                    given ? given->where : std::string{});
  }
  reader_->show_text(path, shown(value));
}

void Section::text(std::string_view key, std::string& value, Presence presence) {
  shown_text(key, value, presence, [](const std::string& text) { return text; });
}

void Section::uri(std::string_view key, std::string& value, Presence presence) {
  shown_text(key, value, presence, mask_uri);
}

void Section::secret(std::string_view key, std::string& value, Presence presence) {
  const auto path = at(key);
  const auto file_path = path + "-file";
  const auto direct = reader_->plain(path);
  const auto file = reader_->plain(file_path);
  if (direct && file && direct->layer == file->layer && !direct->text.empty() && !file->text.empty()) {
    reader_->refuse(path, "is given here and by " + file_path + ": only one of them may be", direct->where);
  }
  const bool from_file = file && !file->text.empty() && (!direct || file->layer >= direct->layer);
  if (from_file) {
    if (auto content = read_file(file->text)) {
      value = without_line_end(std::move(*content));
    } else {
      reader_->refuse(file_path, content.error().message, file->where);
    }
  } else if (direct) {
    value = direct->text;
  }
  if (presence == Presence::kRequired && value.empty()) {
    reader_->refuse(path, "is required: set it, or " + file_path, direct ? direct->where : std::string{});
  }
  reader_->show_text(path, value.empty() ? std::string_view{} : kMask);
  reader_->show_text(file_path, from_file ? file->text : std::string{});
}

void Section::file(std::string_view key, std::string& value, Presence presence) {
  text(key, value, presence);
  std::error_code trouble;
  if (!value.empty() && !std::filesystem::exists(value, trouble)) {
    refuse(key, fmt::format("there is no file or folder '{}'", value));
  }
}

void Section::address(std::string_view key, std::string& value, Presence presence) {
  text(key, value, presence);
  if (!value.empty() && !parse_address(value)) {
    refuse(key, fmt::format("'{}' is not an address, such as 127.0.0.1:8080", value));
  }
}

void Section::read_duration(std::string_view key, std::chrono::milliseconds& value,
                            std::chrono::milliseconds least, std::chrono::milliseconds most, bool bare) {
  const auto path = at(key);
  if (const auto given = reader_->plain(path)) {
    const auto number = bare ? parse_number<std::int64_t>(given->text) : std::nullopt;
    const auto duration = number ? Result<std::chrono::milliseconds>{*number} : parse_duration(given->text);
    if (!duration) {
      reader_->refuse(path, fmt::format("'{}' is {}", given->text, duration.error().message), given->where);
    } else if (*duration < least || *duration > most) {
      reader_->refuse(path,
                      fmt::format("{} is not between {} and {}", given->text, bongsu::to_string(least),
                                  bongsu::to_string(most)),
                      given->where);
    } else {
      value = *duration;
    }
  }
  if (bare) {
    reader_->show_raw(path, std::to_string(value.count()));
  } else {
    reader_->show_text(path, bongsu::to_string(value));
  }
}

void Section::duration(std::string_view key, std::chrono::milliseconds& value,
                       std::chrono::milliseconds least, std::chrono::milliseconds most) {
  read_duration(key, value, least, most, false);
}

void Section::milliseconds(std::string_view key, std::chrono::milliseconds& value,
                           std::chrono::milliseconds least, std::chrono::milliseconds most) {
  read_duration(key, value, least, most, true);
}

void Section::duration(std::string_view key, std::optional<std::chrono::milliseconds>& value) {
  const auto path = at(key);
  if (const auto given = reader_->plain(path); given && given->text == "none") {
    value.reset();
  } else if (given) {
    std::chrono::milliseconds length{value.value_or(std::chrono::milliseconds{0})};
    duration(key, length);
    value = length;
  }
  reader_->show_text(path, value ? bongsu::to_string(*value) : "none");
}

void Section::size(std::string_view key, std::size_t& value, std::size_t least, std::size_t most) {
  const auto path = at(key);
  if (const auto given = reader_->plain(path)) {
    const auto size = parse_size(given->text);
    if (!size) {
      reader_->refuse(path, fmt::format("'{}' is no size, such as 64KiB", given->text), given->where);
    } else if (*size < least || *size > most) {
      reader_->refuse(path, fmt::format("{} bytes are not between {} and {}", *size, least, most),
                      given->where);
    } else {
      value = *size;
    }
  }
  reader_->show_raw(path, std::to_string(value));
}

void Section::texts(std::string_view key, std::vector<std::string>& values) {
  const auto path = at(key);
  if (auto given = reader_->list(path)) values = std::move(given->list);
  std::string json;
  for (const auto& value : values) json += (json.empty() ? "" : ",") + json_text(value);
  reader_->show_raw(path, "[" + json + "]");
}

void Section::durations(std::string_view key, std::vector<std::chrono::milliseconds>& values) {
  const auto path = at(key);
  if (const auto given = reader_->list(path)) {
    std::vector<std::chrono::milliseconds> read;
    for (const auto& text : given->list) {
      const auto duration = parse_duration(text);
      if (duration) {
        read.push_back(*duration);
      } else {
        reader_->refuse(path, fmt::format("'{}' is {}", text, duration.error().message), given->where);
      }
    }
    if (read.size() == given->list.size()) values = std::move(read);
  }
  std::string json;
  for (const auto value : values) json += (json.empty() ? "" : ",") + json_text(bongsu::to_string(value));
  reader_->show_raw(path, "[" + json + "]");
}

void Section::table(std::string_view key, std::map<std::string, std::string>& values) {
  const auto path = at(key);
  reader_->known.insert(path);
  if (const auto* node = reader_->tree.find(path)) {
    if (node->kind != Node::Kind::kMap) {
      reader_->refuse(path, "must be a section of texts", node->where);
    } else {
      values.clear();
      for (const auto& value : node->children) {
        if (value.kind == Node::Kind::kScalar) {
          values[value.key] = value.scalar;
        } else {
          reader_->refuse(path + "." + value.key, "must be a text", value.where);
        }
      }
    }
  }
  std::string json;
  for (const auto& [name, value] : values) {
    json += (json.empty() ? "" : ",") + json_text(name) + ":" + json_text(kMask);
  }
  reader_->show_raw(path, "{" + json + "}");
}

std::size_t Section::one_of(std::string_view key, const std::vector<std::string_view>& names,
                            std::size_t value) {
  const auto path = at(key);
  if (const auto given = reader_->plain(path)) {
    const auto hit = std::ranges::find(names, given->text);
    if (hit != names.end()) {
      value = static_cast<std::size_t>(hit - names.begin());
    } else {
      std::string all;
      for (const auto name : names) all.append(all.empty() ? "" : ", ").append(name);
      reader_->refuse(path, fmt::format("'{}' is not one of {}", given->text, all), given->where);
    }
  }
  reader_->show_text(path, names.at(value));
  return value;
}

}  // namespace bongsu::config
