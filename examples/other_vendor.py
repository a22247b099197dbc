"""Any OpenAPI document will do: here an invented harbour's.

python examples/other_vendor.py
"""

from pathlib import Path

from connect import connect

from dynaopenai import RequestValidationError

with connect(str(Path(__file__).parent / "harbour.yaml")) as client:
    print(client.find("berth"))
    for berth in client.list_berths(min_depth=3, kind="quay"):
        print(f"{berth.name}: {berth.depth} m")
    booked = client.book("Q7", ship="Petrel", arrives="2025-06-01", nights=2)
    print(f"{booked.number} for {booked.ship}")

    try:
        client.book("Q7", ship="Petrel", arrives="tomorrow", nigths=2)
    except RequestValidationError as error:
        print(error)
