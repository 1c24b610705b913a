#include "smtp_world.hpp"

#include <bongsu/core/bytes.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace bongsu::support {
namespace {

namespace fs = std::filesystem;

std::string catcher() {
  if (const char* named = std::getenv("BONGSU_TEST_MAIL_CATCHER")) return named;
  return BONGSU_SOURCE_DIR "/deploy/local/mail/catcher.py";
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string with_plain_breaks(std::string text) {
  std::erase(text, '\r');
  return text;
}

/// The fields of an entity, each unfolded on a line, and its body.
struct Entity {
  std::vector<std::string> fields;
  std::string body;
};

Entity entity_of(const std::string& plain) {
  Entity entity;
  const auto split = plain.find("\n\n");
  entity.body = split == std::string::npos ? std::string{} : plain.substr(split + 2);
  std::string line;
  for (const char c : plain.substr(0, split) + "\n") {
    if (c != '\n') {
      line += c;
    } else if (!line.empty() && line.front() == ' ' && !entity.fields.empty()) {
      entity.fields.back() += line;
      line.clear();
    } else {
      entity.fields.push_back(std::exchange(line, {}));
    }
  }
  return entity;
}

std::string value_of(const Entity& entity, std::string_view name) {
  const auto start = lower(name) + ": ";
  for (const auto& field : entity.fields)
    if (lower(field).starts_with(start)) return field.substr(start.size());
  return {};
}

std::string decoded_words(std::string value) {
  for (auto at = value.find("?= =?"); at != std::string::npos; at = value.find("?= =?"))
    value.erase(at + 2, 1);
  for (auto at = value.find("=?UTF-8?B?"); at != std::string::npos; at = value.find("=?UTF-8?B?")) {
    const auto end = value.find("?=", at + 10);
    if (end == std::string::npos) throw std::runtime_error("an encoded word without end");
    const auto text = from_base64(std::string_view{value}.substr(at + 10, end - at - 10));
    if (!text) throw std::runtime_error("an encoded word that is not base64");
    value.replace(at, end + 2 - at, *text);
  }
  return value;
}

std::string body_of(const Entity& entity) {
  if (value_of(entity, "Content-Transfer-Encoding") != "base64") return entity.body;
  auto encoded = entity.body;
  std::erase(encoded, '\n');
  const auto text = from_base64(encoded);
  if (!text) throw std::runtime_error("a body that is not base64");
  return with_plain_breaks(*text);
}

}  // namespace

std::string CaughtMail::header(std::string_view name) const {
  return decoded_words(value_of(entity_of(with_plain_breaks(raw)), name));
}

std::string CaughtMail::part(std::string_view type) const {
  const auto whole = entity_of(with_plain_breaks(raw));
  const auto content_type = value_of(whole, "Content-Type");
  if (content_type.starts_with(type)) return body_of(whole);
  const auto at = content_type.find("boundary=\"");
  if (at == std::string::npos) return {};
  const auto boundary = "--" + content_type.substr(at + 10, content_type.find('"', at + 10) - at - 10);
  for (auto begin = whole.body.find(boundary); begin != std::string::npos;) {
    const auto first = begin + boundary.size() + 1;
    const auto next = whole.body.find("\n" + boundary, first);
    if (next == std::string::npos) return {};
    const auto part = entity_of(whole.body.substr(first, next - first));
    if (value_of(part, "Content-Type").starts_with(type)) return body_of(part);
    begin = next + 1;
  }
  return {};
}

SmtpWorld::SmtpWorld() { start(); }

void SmtpWorld::start() {
  const auto port_file = folder_.path() / "port";
  const auto log = folder_.path() / "catcher.log";
  fs::remove(port_file);
  process_ = std::make_unique<Process>(
      std::vector<std::string>{"/usr/bin/python3", catcher(), "--host", "127.0.0.1", "--port",
                               std::to_string(port_.number()), "--port-file", port_file.string(), "--dir",
                               (folder_.path() / "mail").string()},
      log);
  await_file(port_file, *process_, log);
}

std::vector<CaughtMail> SmtpWorld::mails() const {
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  std::error_code absent;  // no folder yet: no mails yet
  for (const auto& entry : fs::directory_iterator{folder_.path() / "mail" / "new", absent})
    files.emplace_back(entry.last_write_time(), entry.path());
  std::ranges::sort(files);
  std::vector<CaughtMail> mails;
  for (const auto& [time, path] : files) {
    std::ifstream stream{path, std::ios::binary};
    mails.push_back({.raw = {std::istreambuf_iterator<char>{stream}, {}}});
  }
  return mails;
}

std::vector<CaughtMail> SmtpWorld::wait_for(std::size_t count, std::chrono::seconds limit) const {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (true) {
    auto caught = mails();
    if (caught.size() >= count) return caught;
    if (std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("only " + std::to_string(caught.size()) + " of " + std::to_string(count) +
                               " mails came");
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

}  // namespace bongsu::support
