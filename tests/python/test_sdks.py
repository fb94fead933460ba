"""Luma's own Python SDKs talk to the simulator: nobody here wrote them. `npm run test:python` starts it and says where it is."""

import os
import unittest
import urllib.request

import luma_agents
import lumaai

ROOT = os.environ["SIMULATOR"]
IMAGE = "https://example.com/a.jpg"
VIDEO = "https://example.com/a.mp4"
PROMPT = "A heron on one leg"


def pass_time(ms=600_000):
    urllib.request.urlopen(urllib.request.Request(f"{ROOT}/__simulator/advance?ms={ms}", method="POST")).read()


def head(url):
    with urllib.request.urlopen(url) as answer:
        return answer.status, answer.headers["content-type"], answer.read(12)


class DreamMachine(unittest.TestCase):
    def setUp(self):
        self.client = lumaai.LumaAI(auth_token="luma-test", base_url=f"{ROOT}/dream-machine/v1", max_retries=0)

    def test_a_video_and_what_is_made_of_it(self):
        generations = self.client.generations
        video = generations.video.create(model="ray-2", prompt=PROMPT, keyframes={"frame0": {"type": "image", "url": IMAGE}}, resolution="540p", duration="5s")
        self.assertEqual((video.state, video.generation_type), ("queued", "video"))
        pass_time()
        done = generations.get(video.id)
        self.assertEqual(done.state, "completed")
        self.assertEqual(head(done.assets.video)[:2], (200, "video/mp4"))
        made = [
            generations.upscale(video.id, resolution="1080p"),
            generations.audio(video.id, prompt="wind over water"),
            generations.image.create(model="photon-1", prompt=PROMPT, format="png"),
            generations.image.reframe(model="photon-1", media={"url": IMAGE}, aspect_ratio="1:1", generation_type="reframe_image"),
            generations.video.reframe(model="ray-2", media={"url": VIDEO}, aspect_ratio="9:16", generation_type="reframe_video"),
            generations.video.modify(model="ray-2", media={"url": VIDEO}, mode="flex_2", generation_type="modify_video"),
        ]
        page = generations.list(limit=6, offset=0)
        self.assertEqual({one.id for one in page.generations}, {one.id for one in made})
        generations.delete(video.id)
        with self.assertRaises(lumaai.NotFoundError):
            generations.get(video.id)

    def test_the_rest(self):
        self.assertEqual(self.client.ping.check().message, "pong")
        self.assertGreater(self.client.credits.get().credit_balance, 0)
        self.assertIn("dolly_zoom", self.client.generations.concepts.list())

    def test_refusals(self):
        with self.assertRaises(lumaai.BadRequestError):
            self.client.generations.video.create(model="ray-2", prompt="x")


class Agents(unittest.TestCase):
    def setUp(self):
        self.client = luma_agents.Luma(auth_token="luma-api-test", base_url=f"{ROOT}/agents/v1", max_retries=0)

    def made(self, **request):
        generation = self.client.generations.create(prompt=PROMPT, **request)
        self.assertIn(generation.state, ("queued", "processing"))
        pass_time()
        done = self.client.generations.get(generation.id)
        self.assertEqual(done.state, "completed", done.failure_reason)
        return done

    def test_every_type(self):
        image = self.made(model="uni-1", aspect_ratio="3:2", output_format="png")
        self.assertEqual(head(image.output[0].url)[:2], (200, "image/png"))
        self.made(type="image", model="uni-1-max", image_ref=[{"url": IMAGE}, {"generation_id": image.id}])
        self.made(type="image_edit", model="uni-1", source={"generation_id": image.id})
        video = self.made(type="video", model="ray-3.2", aspect_ratio="16:9", video={"resolution": "720p", "duration": "5s", "start_frame": {"generation_id": image.id}})
        self.assertEqual(head(video.output[0].url)[:2], (200, "video/mp4"))
        hdr = self.made(type="video", model="ray-3.2", video={"resolution": "720p", "hdr": True, "exr_export": True})
        self.assertEqual(len(hdr.output), 2)
        self.made(type="video_edit", model="ray-3.2", source={"url": VIDEO, "media_type": "video/mp4"}, video={"edit": {"strength": "flex_1"}})
        self.made(type="video_reframe", model="ray-3.2", aspect_ratio="9:16", source={"generation_id": video.id})
        layers = self.made(type="layering", source={"generation_id": image.id})
        self.assertTrue(all(one.layer is not None for one in layers.output))

    def test_files(self):
        content = b"\x89PNG\r\n\x1a\n" + bytes(100)
        created = self.client.files.create(mime_type="image/png", size_bytes=len(content), filename="a.png", purpose="input")
        put = urllib.request.Request(created.upload.url, data=content, method="PUT", headers=dict(created.upload.headers or {}))
        urllib.request.urlopen(put).read()
        self.assertEqual(self.client.files.complete(created.id).state, "ready")
        self.assertEqual(self.client.files.get(created.id).size_bytes, len(content))
        self.assertIn(created.id, [file.id for file in self.client.files.list(limit=10).data])
        self.made(type="video", model="ray-3.2", video={"start_frame": {"file_id": created.id}})
        self.client.files.delete(created.id)

    def test_refusals(self):
        for error, request in [
            (luma_agents.BadRequestError, dict(model="uni-1", aspect_ratio="4:3")),
            (luma_agents.BadRequestError, dict(model="uni-9")),
            (luma_agents.BadRequestError, dict(type="image_edit", model="uni-1")),
        ]:
            with self.assertRaises(error, msg=str(request)):
                self.client.generations.create(prompt=PROMPT, **request)
        with self.assertRaises(luma_agents.NotFoundError):
            self.client.generations.get("123e4567-e89b-12d3-a456-426614174000")
        stranger = luma_agents.Luma(auth_token="luma-x", base_url=f"{ROOT}/agents/v1", max_retries=0)
        with self.assertRaises(luma_agents.AuthenticationError):
            stranger.generations.create(prompt=PROMPT)


if __name__ == "__main__":
    unittest.main()
