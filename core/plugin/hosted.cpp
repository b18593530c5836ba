// Source and Destination over a plugin host process.
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "plugin/conversation.h"
#include "plugin/documents.h"
#include "plugin/frames.h"
#include "plugin/plugin.h"

namespace rondom::plugin {
namespace {

Result<Done> simple_command(Conversation& talk, const char* what, Encoder& frame) {
  RONDOM_TRY(talk.command(what, frame));
  return talk.finish();
}

Status status_of(const Result<Done>& done) {
  return done.ok() ? done->status : done.status();
}

Status check_hosted(Conversation& talk) {
  Encoder frame;
  frame.begin(FrameType::check);
  return status_of(simple_command(talk, "check()", frame));
}

class HostedSource final : public Source {
 public:
  HostedSource(ConnectorInfo info, std::unique_ptr<Conversation> talk, const HostOptions& options)
      : info_(std::move(info)),
        talk_(std::move(talk)),
        records_max_(options.records_without_checkpoint_max) {}

  const ConnectorInfo& info() const override { return info_; }
  Status check() override { return check_hosted(*talk_); }
  void cancel() override { talk_->cancel(); }

  Result<Catalog> discover(std::string_view options_json) override {
    Encoder frame;
    frame.begin(FrameType::discover).text(options_json);
    RONDOM_TRY_ASSIGN(const Done done, simple_command(*talk_, "discover()", frame));
    RONDOM_TRY(done.status);
    return parse_catalog(done.text, talk_->subject());
  }

  Status read(const ReadRequest& request, ReadSink& sink) override {
    Encoder frame;
    encode_read(frame, request);
    RONDOM_TRY(talk_->command("read()", frame));
    Status stopped;
    unsaved_ = 0;
    while (true) {
      const Result<const Frame*> next = talk_->next();
      if (!next.ok()) return stopped.ok() ? next.status() : stopped;
      if ((*next)->type == FrameType::done) {
        const Result<Done> done = talk_->done_of(**next);
        return stopped.ok() ? status_of(done) : stopped;
      }
      // After a stop the rest is only taken off the line.
      if (stopped.ok() && !talk_->cancelled()) {
        bool sane = true;
        stopped = push(**next, sink, sane);
        if (!sane) return talk_->broken("sent something that makes no sense");
        if (!stopped.ok()) talk_->stop_command();
        if (unsaved_ > records_max_) return talk_->stop_for(endless());
      }
      RONDOM_TRY(talk_->give_credit((*next)->size));
    }
  }

 private:
  std::string endless() const {
    return "pushed more than " + std::to_string(records_max_) +
           " records without a checkpoint (plugin_limits.records_without_checkpoint)";
  }

  Status push(const Frame& frame, ReadSink& sink, bool& sane) {
    Decoder in(frame.payload());
    switch (frame.type) {
      case FrameType::records: {
        SourceBatch batch;
        sane = decode_records(frame.payload(), batch, records_);
        unsaved_ += batch.records.size();
        if (!sane) return {};
        mask_problems();
        return sink.records(batch);
      }
      case FrameType::checkpoint:
      case FrameType::refresh_begin: {
        const std::string_view stream = in.text();
        const std::string_view text = in.text();
        sane = in.finished();
        if (!sane) return {};
        if (frame.type == FrameType::checkpoint) unsaved_ = 0;
        return frame.type == FrameType::checkpoint ? sink.checkpoint(stream, text)
                                                   : sink.refresh_begin(stream, text);
      }
      case FrameType::refresh_complete: {
        const std::string_view stream = in.text();
        sane = in.finished();
        return sane ? sink.refresh_complete(stream) : Status();
      }
      default: sane = false; return {};
    }
  }

  void mask_problems() {
    problems_.clear();
    for (SourceRecord& record : records_) {
      if (record.problem.empty()) continue;
      record.problem = problems_.emplace_back(talk_->masked(record.problem));
    }
  }

  ConnectorInfo info_;
  std::unique_ptr<Conversation> talk_;
  std::uint64_t records_max_;
  std::uint64_t unsaved_ = 0;  // records since the last checkpoint
  std::vector<SourceRecord> records_;
  std::deque<std::string> problems_;  // of them, masked
};

class HostedDestination final : public Destination {
 public:
  HostedDestination(ConnectorInfo info, std::unique_ptr<Conversation> talk)
      : info_(std::move(info)), talk_(std::move(talk)) {}

  const ConnectorInfo& info() const override { return info_; }
  Status check() override { return check_hosted(*talk_); }
  void cancel() override { talk_->cancel(); }

  Status write(const WriteBatch& batch, std::vector<WriteResult>& results) override {
    return send(FrameType::write, "write()", batch, results);
  }
  Status look_up(const WriteBatch& batch, std::vector<WriteResult>& results) override {
    return send(FrameType::look_up, "look_up()", batch, results);
  }
  Status flush(std::string_view session) override {
    Encoder frame;
    frame.begin(FrameType::flush).text(session);
    return status_of(simple_command(*talk_, "flush()", frame));
  }

 private:
  Status send(FrameType type, const char* what, const WriteBatch& batch,
              std::vector<WriteResult>& results) {
    // What the host does not mention any more is unknown, whatever happened to it.
    results.assign(batch.records.size(), {});
    for (std::size_t i = 0; i < results.size(); ++i) {
      results[i].index = static_cast<std::uint32_t>(i);
      results[i].outcome = WriteOutcome::unknown;
    }
    encode_write(frame_, type, batch);
    RONDOM_TRY(talk_->command(what, frame_));
    while (true) {
      RONDOM_TRY_ASSIGN(const Frame* frame, talk_->next());
      if (frame->type != FrameType::results) return status_of(talk_->done_of(*frame));
      told_.clear();
      if (!decode_results(frame->payload(), results.size(), told_)) {
        return talk_->broken("sent something that makes no sense");
      }
      for (WriteResult& result : told_) {
        if (!result.message.empty()) result.message = talk_->masked(result.message);
        results[result.index] = std::move(result);
      }
    }
  }

  ConnectorInfo info_;
  std::unique_ptr<Conversation> talk_;
  Encoder frame_;
  std::vector<WriteResult> told_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_source(const ConnectorInfo& info, std::string_view config_json,
                                            const HostServices& services,
                                            const HostOptions& options) {
  RONDOM_TRY_ASSIGN(auto talk, Conversation::start(info, config_json, services, options));
  return std::unique_ptr<Source>(std::make_unique<HostedSource>(info, std::move(talk), options));
}

Result<std::unique_ptr<Destination>> open_destination(const ConnectorInfo& info,
                                                      std::string_view config_json,
                                                      const HostServices& services,
                                                      const HostOptions& options) {
  RONDOM_TRY_ASSIGN(auto talk, Conversation::start(info, config_json, services, options));
  return std::unique_ptr<Destination>(std::make_unique<HostedDestination>(info, std::move(talk)));
}

}  // namespace rondom::plugin
