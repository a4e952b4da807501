"""A headless Chromium of the system (Debian: chromium, chromium-driver), driven by selenium."""

import os
import shutil
from contextlib import contextmanager

import pytest


@contextmanager
def chromium():
    """A browser without a network; skips where there is none, but not in CI."""
    found = shutil.which("chromium"), shutil.which("chromedriver")
    if None in found and not os.environ.get("CI"):
        pytest.skip("there is no chromium with chromedriver here (Debian: chromium, chromium-driver)")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = found[0] or "chromium"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(found[1] or "chromedriver"))
    try:
        driver.execute_cdp_cmd("Network.enable", {})
        offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
        yield driver
    finally:
        driver.quit()


def show(driver, path, width):
    """Open a file at a width of the window, in pixels."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    driver.get(path.as_uri())
