"""What `explain.loss` may say of single kinds of tokens: weights, shares, schedules."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

BLOCK = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class OfKinds(BaseModel):
    """What is said of kinds of tokens; a kind that it leaves out is not set."""

    model_config = BLOCK

    @field_validator("*", mode="before")
    @classmethod
    def _something(cls, value: object) -> object:
        if value is None:
            raise ValueError(
                "nothing stands behind the key; give it a value, or remove it"
            )
        return value


class WeightOptions(OfKinds):
    """The weight of each kind of token; only their ratio counts."""

    prompt: float | None = Field(
        default=None,
        ge=0,
        description="of the prompt's tokens; 0 unless said, 1 with train_on_inputs",
    )
    explanation: float | None = Field(
        default=None, ge=0, description="of the explanation's; 1 unless said"
    )
    answer: float | None = Field(
        default=None, ge=0, description="of the answer and its marker; 1 unless said"
    )
    end: float | None = Field(
        default=None, ge=0, description="of the token that ends a target; 1 unless said"
    )


class ShareOptions(OfKinds):
    """The part of the loss that a kind gets, over all training rows."""

    prompt: float | None = Field(default=None, ge=0, le=1, description="of the prompt")
    explanation: float | None = Field(
        default=None, ge=0, le=1, description="of the explanation"
    )
    answer: float | None = Field(
        default=None, ge=0, le=1, description="of the answer and its marker"
    )
    end: float | None = Field(
        default=None, ge=0, le=1, description="of the token that ends a target"
    )


class RampOptions(BaseModel):
    """A weight that becomes another one while training goes on."""

    model_config = BLOCK

    to: float = Field(ge=0, description="the weight at the end of it")
    start: float = Field(
        default=0.0, ge=0, lt=1, description="the share of the training where it begins"
    )
    end: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="the share of the training where it is over; that of start for a "
        "change at once",
    )

    @model_validator(mode="before")
    @classmethod
    def _begins_with_the_weight(cls, data: object) -> object:
        if isinstance(data, Mapping) and "from" in data:
            raise ValueError(
                "from is no key: it begins with the weight that explain.loss.weights "
                "says"
            )
        return data

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> RampOptions:
        if self.end < self.start:
            raise ValueError(
                f"ends (end: {self.end:g}) before it begins (start: {self.start:g}); "
                "both are shares of the training, from 0 to 1"
            )
        return self


class ScheduleOptions(OfKinds):
    """Which weights change, and how."""

    prompt: RampOptions | None = Field(default=None, description="to, start and end")
    explanation: RampOptions | None = Field(
        default=None, description="to, start and end"
    )
    answer: RampOptions | None = Field(default=None, description="to, start and end")
    end: RampOptions | None = Field(default=None, description="to, start and end")
