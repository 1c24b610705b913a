#pragma once
#include <bongsu/core/error.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Typed configuration from YAML files and the environment.
///
/// A service's settings are plain structs whose initializers are sane; beside each stands
///   void bind(config::Section& section, Settings& settings)
/// which says what each value is called and what it may be. Every mistake is collected, with its path
/// and where it came from, and told at once.
namespace bongsu::config {

/// One mistake.
struct Problem {
  std::string path;   ///< message.retry.max-attempts
  std::string what;   ///< "0 is not between 1 and 100"; never a secret
  std::string where;  ///< "kakao.yaml:12", "MESSAGE_RETRY_MAX_ATTEMPTS", or empty: nowhere given
};
/// "message.retry.max-attempts: 0 is not between 1 and 100 (kakao.yaml:12)"
std::string to_string(const Problem& problem);

/// A YAML text and the name by which its lines are told.
struct Layer {
  std::string source;
  std::string yaml;
};

/// Gives an environment variable's value, if it is set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// The process' own.
Environment process_environment();
/// message.api.kakaotalk.base-url → MESSAGE_API_KAKAOTALK_BASE_URL
std::string variable_of(std::string_view path);

/// Takes host:port or [v6]:port apart; nothing if it is neither.
struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};
std::optional<HostAndPort> parse_address(std::string_view text);

class Section;

/// All layers, and what has been read from them. Values of a later layer replace those of an earlier
/// one, maps are merged; the environment replaces both. A value that is null counts as not given.
/// Threads: one. Lifetime: outlives its sections.
class Reader {
 public:
  Reader(const std::vector<Layer>& layers, Environment environment);
  Reader(Reader&&) noexcept;
  ~Reader();

  Section root();

  /// Call when everything has been bound: what the files name and nobody asked for is an unknown key.
  void refuse_unknown_keys();
  /// In the order in which they were found. Empty: the configuration is good.
  const std::vector<Problem>& problems() const;

  /// The effective values as nested JSON, secrets masked.
  std::string json() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

enum class Presence : std::uint8_t { kOptional, kRequired };

/// A place in the configuration. Each function reads the value at `key` (dots go deeper) into its
/// argument, which holds the default; on a mistake the default stays and the mistake is kept.
class Section {
 public:
  Section(Reader::Impl& reader, std::string path) : reader_(&reader), path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  Section section(std::string_view key) const;

  /// Binds a struct of settings to the section at `key`.
  template <class Settings>
  void settings(std::string_view key, Settings& into) {
    auto inner = section(key);
    bind(inner, into);
  }

  template <std::integral Number>
    requires(!std::same_as<Number, bool>)
  void number(std::string_view key, Number& value, std::type_identity_t<Number> least,
              std::type_identity_t<Number> most) {
    const auto read = integer(key, static_cast<std::int64_t>(value), static_cast<std::int64_t>(least),
                              static_cast<std::int64_t>(most));
    value = static_cast<Number>(read);
  }
  void number(std::string_view key, double& value, double least, double most);
  void flag(std::string_view key, bool& value);
  /// kRequired: neither absent nor empty.
  void text(std::string_view key, std::string& value, Presence presence = Presence::kOptional);
  /// As text(), but a password within it is masked in json().
  void uri(std::string_view key, std::string& value, Presence presence = Presence::kOptional);
  /// The value of `key`, or the content of the file that `key`-file names, less the line's end. Of the
  /// two the one in the later layer counts; both in one layer are a mistake.
  void secret(std::string_view key, std::string& value, Presence presence = Presence::kOptional);
  /// The path of a file or folder that must be there when it is named.
  void file(std::string_view key, std::string& value, Presence presence = Presence::kOptional);
  /// host:port or [v6]:port
  void address(std::string_view key, std::string& value, Presence presence = Presence::kOptional);
  /// With its unit: 500ms, 30s, 1m.
  void duration(std::string_view key, std::chrono::milliseconds& value,
                std::chrono::milliseconds least = std::chrono::milliseconds{0},
                std::chrono::milliseconds most = std::chrono::days{36500});
  /// Milliseconds as a bare number (1000), or with a unit.
  void milliseconds(std::string_view key, std::chrono::milliseconds& value, std::chrono::milliseconds least,
                    std::chrono::milliseconds most);
  /// As duration(); "none" is no value.
  void duration(std::string_view key, std::optional<std::chrono::milliseconds>& value);
  /// Bytes, 64KiB, 16MiB.
  void size(std::string_view key, std::size_t& value, std::size_t least = 0,
            std::size_t most = std::numeric_limits<std::int64_t>::max());
  /// Lists: in YAML a sequence, in the environment separated by commas. They replace, never add.
  void texts(std::string_view key, std::vector<std::string>& values);
  void durations(std::string_view key, std::vector<std::chrono::milliseconds>& values);
  /// A map of texts with any keys; files only, the environment cannot name them. Values are masked in
  /// json(): such maps hold credentials.
  void table(std::string_view key, std::map<std::string, std::string>& values);

  template <class Enum>
  void choice(std::string_view key, Enum& value,
              std::initializer_list<std::pair<std::string_view, Enum>> choices) {
    std::vector<std::string_view> names;
    std::size_t chosen = 0;
    for (const auto& [name, meaning] : choices) {
      if (meaning == value) chosen = names.size();
      names.push_back(name);
    }
    value = (choices.begin() + one_of(key, names, chosen))->second;
  }

  /// A rule that `key`'s value breaks together with others; told like any other mistake.
  void refuse(std::string_view key, std::string what);

 private:
  std::int64_t integer(std::string_view key, std::int64_t value, std::int64_t least, std::int64_t most);
  std::size_t one_of(std::string_view key, const std::vector<std::string_view>& names, std::size_t value);
  void shown_text(std::string_view key, std::string& value, Presence presence,
                  const std::function<std::string(const std::string&)>& shown);
  void read_duration(std::string_view key, std::chrono::milliseconds& value, std::chrono::milliseconds least,
                     std::chrono::milliseconds most, bool bare);
  std::string at(std::string_view key) const;

  Reader::Impl* reader_;
  std::string path_;
};

}  // namespace bongsu::config
